"""A sweep as an indexed Job of Kubernetes: `cnnspec sweep … --print k8s | kubectl apply -f -`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from cnnspec.training.sweeps.formats.slurm import cases

IMAGE = "cnnspec:latest"
CLAIM = "sweep"


def render(name: str, commands: Sequence[Sequence[str]], jobs: int | None) -> str:
    """Return the manifest of a job with a pod for each training; image and volume are for the reader to change."""
    script = "\n".join(cases("JOB_COMPLETION_INDEX", commands)).replace("$(", "$$(")
    title = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].strip("-") or "network"
    return f"""apiVersion: batch/v1
kind: Job
metadata:
  name: sweep-{title}
spec:
  completions: {len(commands)}
  parallelism: {jobs or len(commands)}
  completionMode: Indexed
  backoffLimit: {3 * len(commands)}
  template:
    spec:
      restartPolicy: OnFailure
      containers:
        - name: train
          image: {IMAGE}  # an image with cnnspec[train]
          workingDir: /work
          command: ["/bin/sh", "-c", {json.dumps(script)}]
          volumeMounts:
            - {{name: work, mountPath: /work}}
      volumes:
        - name: work
          persistentVolumeClaim: {{claimName: {CLAIM}}}  # the volume with the spec, the data, and the runs
"""
