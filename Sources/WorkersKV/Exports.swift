// A user of the client needs the vocabulary with it: one import is enough.
@_exported public import KVModel
