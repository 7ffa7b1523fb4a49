// Users of the archive need its vocabulary and a place for it, and import one module.
@_exported public import KVModel
@_exported public import KVVault
