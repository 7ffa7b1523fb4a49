// The types of both products appear in the jobs' signatures.
@_exported public import KVArchive
@_exported public import KVModel
@_exported public import KVVault
@_exported public import WorkersKV
