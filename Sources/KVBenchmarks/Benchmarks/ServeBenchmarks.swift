import Foundation

/// What the embedded server itself can do, as `wrk` measures it.
extension Workshop {
    private static let connections = [1, 12, 64]

    /// Reads and writes of one value each per second.
    func benchmarkServe(_ results: inout Results) async throws {
        results.section(
            "The embedded server, with `wrk`", "requests", "connections", "median of runs of three seconds", "spread")
        try await ServerProcess.withServer(kvark, in: "\(folder)/server") { server in
            let some = with(records: min(records, 100_000))
            try await some.prepare()
            try some.restore(to: "n", server)
            let namespace = "/storage/kv/namespaces/\(try await server.namespaceID("n"))"
            let scripts = [
                ("GET of values of some 250 bytes", Self.reading(some.records)),
                ("PUT of values of 250 bytes", Self.writing),
            ]
            for (name, script) in scripts {
                let path = "\(folder)/wrk.lua"
                try Data(script.utf8).write(to: URL(filePath: path))
                for connections in Self.connections {
                    var rates = Series()
                    for _ in 0..<rounds {
                        rates.values.append(try wrk(server, namespace, script: path, connections: connections))
                    }
                    let spread = rates.spread
                    results.row(
                        name, "\(connections)", Results.rate(Int(rates.median), 1),
                        "\(Int(spread.low))–\(Int(spread.high))")
                }
            }
        }
    }

    private static func reading(_ records: Int) -> String {
        // The first twentieth are images, and the next eleven JSON.
        """
        local path
        local index = 0
        init = function(args) path = wrk.path math.randomseed(os.time()) end
        request = function()
            index = math.random(\(records / 20 + 1), \(records * 12 / 20 - 1))
            return wrk.format("GET", path .. string.format("/values/json:%010d", index))
        end
        """
    }

    private static let writing = """
        local path
        local index = 0
        local value = string.rep("v", 250)
        init = function(args) path = wrk.path end
        request = function()
            index = index + 1
            return wrk.format("PUT", path .. string.format("/values/written:%010d", index), nil, value)
        end
        """

    private func wrk(_ server: ServerProcess, _ namespace: String, script: String, connections: Int) throws -> Double {
        let output = "\(folder)/wrk.txt"
        let token = server.environment["CLOUDFLARE_API_TOKEN"] ?? ""
        let account = server.environment["CLOUDFLARE_ACCOUNT_ID"] ?? ""
        try ChildProcess.run(
            [
                "wrk", "-t1", "-c\(connections)", "-d3s", "-s", script, "-H", "Authorization: Bearer \(token)",
                "\(server.baseURL)/accounts/\(account)\(namespace)",
            ], output: output)
        let text = try String(contentsOfFile: output, encoding: .utf8)
        let refused = text.contains("Non-2xx")
        guard !refused, let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
            let rate = Double(line.split(separator: " ").last ?? "")
        else { throw BenchmarkFailure(description: "wrk says: \(text)") }
        return rate
    }
}
