"""A large product of matrices, again and again: what the machine can do. Each epoch is 20 of 2048 × 2048 × 2048."""

import tensorflow as tf  # noqa: TID251 - what computes on our side too

from tests.benchmarks.sides.clock import Clock

SIZE, TIMES = 2048, 20
left, right = tf.random.normal((SIZE, SIZE)), tf.random.normal((SIZE, SIZE))
clock = Clock()
while True:
    clock.begin()
    for _ in range(TIMES):
        float(tf.linalg.matmul(left, right)[0, 0])
    clock.end()
