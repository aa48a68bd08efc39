"""Model files of frameworks as networks, read without the frameworks: nothing in a file is run or unpickled.

How the parts meet:

- A format is one file in `formats`, whose `FORMAT` (`importing.format.Format`) tells which files are its own, and reads
  one into a draft: `read(file, draft)`. A new format touches nothing else. `importing.opening.open_model` chooses it.
- `importing.draft.Draft` is where all readers meet: a network while it is read. A reader calls
    `draft.inputs([Entry(tensor, shape, name), ...])` once, before any layer; sizes that the file leaves open are None;
    `draft.layer(tensor, layer, reads, ...)` for every layer, in an order in which each reads what is there already;
    `draft.same(tensor, other)` for what only passes a tensor on;
    `draft.unknown(tensor, reads, ...)` for a layer that nothing here describes, which `--partial` makes opaque;
    `draft.refuse(...)` for anything else that is wrong, `draft.lose(...)` for what changes no number and is dropped;
    and `draft.outputs = [tensor, ...]`.
  A tensor is known by any text that the reader chooses, shapes are channels last and without the batch, and a layer is
  an object of a kind, as `Layer.from_keras` and its like make it. `draft.shape(tensor)` is what is known so far. A
  reader never stops at a fault: it goes on, and a layer that reads a tensor that is not known is passed over in
  silence. It raises CnnspecError itself only for a file that it cannot read at all (`importing.faults.unreadable`).
- `Draft.finish` gives the graph, or raises with all faults at once. `importing.spec.write_spec` writes its spec.
"""
