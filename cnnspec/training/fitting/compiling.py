"""From settings to a compiled Keras model: devices, precision, optimizer, schedule, loss and metrics."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnnspec.analysis.measure import Summary
from cnnspec.errors import CnnspecError
from cnnspec.ir.keras_rule import Call
from cnnspec.keras import build, framework
from cnnspec.keras.naming import layer_names
from cnnspec.language.train.losses import LOSSES
from cnnspec.language.train.metrics import METRICS
from cnnspec.language.train.optimizers import OPTIMIZERS
from cnnspec.language.train.schedules import schedule_of
from cnnspec.language.train.targets import ACCURACY, TARGETS
from cnnspec.language.train.threads import width_of
from cnnspec.training.fitting.fused_norms import fuse_norms
from cnnspec.training.fitting.fused_optimizers import fuse_optimizer
from cnnspec.training.fitting.parts import divided, divisions
from cnnspec.training.fitting.threads import cores, set_threads
from cnnspec.training.fitting.together import join, make_common
from cnnspec.training.settings import CLIPPING, Settings
from cnnspec.training.transfer.unfreezing import unfreeze
from cnnspec.training.workers.cluster import Cluster
from cnnspec.training.workers.crew import Crew

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

_CPU_MACS: Final = 3e10
_GPU_MACS: Final = 3e12
_PAUSE: Final = 0.25
"""Seconds that may pass between two looks at the progress."""
_MOST_STEPS: Final = 50


def prepare(settings: Settings, crew: Crew | None = None) -> AbstractContextManager[Any]:
    """Set up TensorFlow before anything is built, and return the scope to build the model in."""
    keras = framework()
    import tensorflow as tf

    keras.utils.set_random_seed(settings.seed)
    if settings.deterministic:
        tf.config.experimental.enable_op_determinism()
    names = _devices(settings, crew.cluster if crew else None)
    if crew:
        _share_cores(crew.cluster, settings)
        keras.mixed_precision.set_global_policy(_policy(settings))
        common: AbstractContextManager[Any] = join(crew).scope()
        return common
    set_threads(settings.threads)
    keras.mixed_precision.set_global_policy(_policy(settings))
    if settings.devices == 1:
        return nullcontext()
    scope: AbstractContextManager[Any] = _mirrored(tf, names).scope()
    return scope


class Compiled(NamedTuple):
    """The model of a network, which is saved, and what is fitted: the same, or one that divides batches into parts."""

    model: keras.Model
    fitted: keras.Model
    parts: tuple[int, ...]
    steps: int


def compiled(summary: Summary, settings: Settings, samples: int, *, alone: bool = True) -> Compiled:
    """Return the model of a network, ready to learn from so many samples; its optimizer has its variables.

    Not `alone`, it is built in the scope of several workers, who share each batch.
    """
    library = framework()
    steps = -(-samples // settings.batch_size)
    model = build(summary.graph)
    names = layer_names(summary.graph)
    for output in summary.graph.outputs:
        model.get_layer(names[output]).dtype_policy = "float32"  # losses and metrics need more than 16 bits
    if not alone:
        make_common(model, summary.graph)
    elif settings.devices == 1 and settings.jit != "on":
        fuse_norms(model)
    unfreeze(model, summary.graph, settings.unfreeze)
    parts = divisions(summary.graph, settings, samples, summary.totals.macs) if alone else (1,)
    fitted = model if parts == (1,) else divided(model, parts[0])
    optimizer = _optimizer(library, settings, steps)
    if settings.devices == 1 and settings.jit != "on":
        fuse_optimizer(optimizer)
    together = steps_per_execution(summary, settings, steps)
    for one in dict.fromkeys((model, fitted)):
        one.compile(
            optimizer=optimizer,
            loss=_loss(library, settings),
            metrics=[_metric(library, name, settings, model.output_shape[-1]) for name in settings.metrics],
            jit_compile=_jit(settings),
            steps_per_execution=together,
        )
    model.optimizer.build(model.trainable_variables)
    return Compiled(model, fitted, parts, together)


def restore_precision() -> None:
    """Compute in 32 bits from now on."""
    framework().mixed_precision.set_global_policy("float32")


def _policy(settings: Settings) -> str:
    import tensorflow as tf

    if not settings.mixed_precision:
        return "float32"
    return "mixed_float16" if tf.config.get_visible_devices("GPU") else "mixed_bfloat16"


def steps_per_execution(summary: Summary, settings: Settings, steps: int) -> int:
    """Return how many steps run between two looks at them: many where one is short, one where it is long."""
    if settings.steps_per_execution:
        return min(settings.steps_per_execution, steps)
    if settings.devices > 1:
        return 1  # Keras 3.15 cannot run several steps on several devices
    import tensorflow as tf

    speed = _GPU_MACS if tf.config.get_visible_devices("GPU") else _CPU_MACS
    step = 3 * max(summary.totals.macs, 1) * settings.batch_size / speed
    return max(1, min(int(_PAUSE / step), _MOST_STEPS, steps // 4))


def _jit(settings: Settings) -> bool | str:
    """Compile just in time where it helps: `auto` leaves it to Keras on a GPU and means no on a CPU."""
    import tensorflow as tf

    if settings.jit != "auto":
        return settings.jit == "on"
    return "auto" if tf.config.get_visible_devices("GPU") and settings.devices == 1 else False


def _optimizer(library: Any, settings: Settings, steps: int) -> Any:
    config: dict[str, Any] = {"learning_rate": _schedule(library, settings, steps)}
    if OPTIMIZERS[settings.optimizer].takes_momentum:
        config["momentum"] = settings.momentum
    chosen = {name: getattr(settings, name) for name in ("weight_decay", *CLIPPING)}
    config |= {name: value for name, value in chosen.items() if value is not None}
    return library.optimizers.get({"class_name": settings.optimizer, "config": config})


def _schedule(library: Any, settings: Settings, steps: int) -> Any:
    warm = settings.steps_of_warmup(steps)
    call = schedule_of(settings.schedule, settings.learning_rate, settings.epochs * steps, warm)
    if call is None:
        return settings.learning_rate
    return getattr(library.optimizers.schedules, call.class_name)(**call.arguments)


def _loss(library: Any, settings: Settings) -> Any:
    options: dict[str, Any] = {"label_smoothing": settings.label_smoothing} if settings.label_smoothing else {}
    if settings.from_logits:
        options["from_logits"] = True
    return getattr(library.losses, LOSSES[settings.loss].entropy)(**options) if options else settings.loss


def _metric(library: Any, name: str, settings: Settings, units: int) -> Any:
    calls, accuracy = METRICS[name].calls, TARGETS[settings.sort].accuracy
    if name == ACCURACY and isinstance(accuracy, Call):
        calls = (accuracy, accuracy)
    if name == ACCURACY and settings.from_logits and (calls or units == 1):
        half = Call("BinaryAccuracy", {"threshold": 0.0})  # a logit of 0 is a probability of 1/2
        calls = (half, half)
    if calls is None:
        return name
    call = calls[0] if LOSSES[settings.loss].sparse else calls[1]
    return getattr(library.metrics, call.class_name)(**call.arguments, name=name)


def _devices(settings: Settings, cluster: Cluster | None) -> list[str]:
    """Choose the devices that TensorFlow may use; return their names. Workers on one machine take a GPU each."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    kind, _, number = (settings.device or ("gpu" if gpus else "cpu")).partition(":")
    if kind == "cpu":
        _hide(tf, gpus, [])
        return _logical_cpus(tf, settings.devices)
    if cluster and cluster.launched and not number:
        number = str(cluster.index)
    chosen = gpus[int(number) : int(number) + 1] if number else gpus[: settings.devices]
    if not chosen or len(chosen) < settings.devices:
        count = {0: "no GPU", 1: "1 GPU"}.get(len(gpus), f"{len(gpus)} GPUs")
        wanted = settings.device or "gpu"
        message = f"{settings.devices} × `{wanted}` cannot be had: TensorFlow sees {count}"
        raise CnnspecError.one("E507", message, help="leave out `--device`, or give `--device cpu`")
    _hide(tf, gpus, chosen)
    return [f"GPU:{number}" for number in range(len(chosen))]


def _hide(tf: Any, gpus: list[tf.config.PhysicalDevice], kept: list[tf.config.PhysicalDevice]) -> None:
    if gpus and tf.config.get_visible_devices("GPU") != kept:
        tf.config.set_visible_devices(kept, "GPU")


def _logical_cpus(tf: Any, count: int) -> list[str]:
    """Cut the processor into so many logical devices, which share its cores."""
    if count > 1 and len(tf.config.list_logical_devices("CPU") if _is_started() else []) < count:
        cpu = tf.config.list_physical_devices("CPU")[0]
        try:
            tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
        except RuntimeError:
            message = f"TensorFlow has started already and cannot make {count} logical devices any more"
            raise CnnspecError.one("E507", message) from None
    return [f"CPU:{number}" for number in range(count)]


def _is_started() -> bool:
    from tensorflow.python.eager import context

    return bool(context.context()._initialized)  # noqa: SLF001 - asking for logical devices would start it


def _share_cores(cluster: Cluster, settings: Settings) -> None:
    """Let workers on one machine compute with as many threads as there are cores for each, or as they are told."""
    import tensorflow as tf

    threading = tf.config.threading
    if threading.get_intra_op_parallelism_threads():
        return
    if settings.threads:
        threading.set_intra_op_parallelism_threads(width_of(settings.threads))
    elif cluster.launched:
        threading.set_intra_op_parallelism_threads(max(1, cores() // cluster.size))


def _mirrored(tf: Any, names: list[str]) -> Any:
    return tf.distribute.MirroredStrategy(names)
