import KVArchive

/// Files of parts: any bytes, in an archive that describes them as truthfully as it can.
struct PartTarget: FuzzTarget {
    let name = "part"
    let tokens = [
        "{\"kvarkKeyIndex\":1}\n", "{\"firstKey\":\"a\",\"records\":1}\n", "{\"key\":\"a\",\"value\":\"1\"}\n",
        "{\"key\":\"b\",\"base64\":true,\"value\":\"gA==\"}\n", "\n", "P*M\u{18}", "Q*M\u{18}", "[*M\u{18}",
        "^*M\u{18}",
    ]
    let testInputs = 1_000

    func run(_ input: [UInt8]) async throws -> String {
        try await ArchiveReadings(of: FuzzedArchive(part: input)).check()
    }
}
