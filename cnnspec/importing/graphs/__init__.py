"""Graphs of operations on tensors, as ONNX and PyTorch write them: their tensors have the channels first.

`onnx_file` and `exported_program` read a file into steps; `onnx_operations` and `aten_operations` tell what a step does
in terms of a `flow.Flow`, which knows for every tensor of the file what it is in the draft.
"""
