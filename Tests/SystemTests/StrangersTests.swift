import Foundation
import KVTestSupport
import Testing

/// What servers, files and the environment say is shown, not obeyed; and a token goes to nobody by accident.
@Suite struct StrangersTests {
    private static let hostile = "\u{1B}]0;owned\u{7}\u{9B}2J\u{202E}\u{2066}\u{7F}"

    private static func isSafe(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n"
                || ![.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
        }
    }

    @Test func `no error steers the terminal, whoever has written it`() async throws {
        try await Workbench.withServer { bench in
            let name = "x\(Self.hostile)"
            let commands = [
                ["backup", name, "--to", "vault"], ["verify", name], ["cat", name], ["import", name, "--to", "n"],
                ["restore", "nowhere", "--to", name], [name], ["backup", "--\(name)"], ["list", name],
                ["namespace", "get", name, "--api-base-url", "http://\(name)"],
                ["namespace", "list", "--token-file", name], ["diff", name, name],
                ["import", "pairs.json", "--to", "n", "--create"], ["cat", "v/x/y"],
            ]
            let record = String(decoding: try JSONEncoder().encode([[name: name]]), as: UTF8.self)
            try Data(record.utf8).write(to: URL(filePath: "\(bench.folder)/pairs.json"))
            for command in commands {
                let outcome = try await bench.kvark(command)
                #expect(outcome.status != 0, "\(command)")
                #expect(!outcome.errorText.isEmpty)
                #expect(Self.isSafe(outcome.errorText), "\(command): \(outcome.errorText.debugDescription)")
            }
        }
    }

    @Test func `an API's messages are safe, and hold no token`() async throws {
        try await Workbench.withServer { bench in
            let quoted = String(decoding: try JSONEncoder().encode(Self.hostile + bench.token), as: UTF8.self)
            let item = "{\"code\":10001,\"message\":\(quoted),\"error_chain\":[{\"code\":6111,\"message\":\(quoted)}]}"
            let body = "{\"success\":false,\"errors\":[\(item)],\"messages\":[],\"result\":null}"
            let token = bench.token
            try await ScriptedServer.withServer({ _, _ in .http(400, body, headers: ["cf-ray": "0123456789\(token)"]) })
            {
                server in
                for arguments in [
                    ["namespace", "list"], ["backup", "n", "--to", "vault"], ["key", "get", "n", "k", "-v"],
                ] {
                    let outcome = try await bench.kvark(
                        arguments + ["--api-base-url", "http://127.0.0.1:\(server.port)/client/v4"])
                    #expect(outcome.status == 1)
                    #expect(Self.isSafe(outcome.errorText), "\(outcome.errorText.debugDescription)")
                    #expect(outcome.errorText.contains("code 6111"), "\(outcome.errorText)")
                    #expect(!outcome.errorText.contains(token.prefix(12)), "\(outcome.errorText)")
                }
            }
        }
    }

    @Test(arguments: [
        "http://api.example.com/client/v4", "http://192.0.2.1/client/v4", "http://[2001:db8::1]/client/v4",
        "HTTP://127.0.0.1.example.com/x", "http://localhost.example.com/x", "http://0.0.0.0:1/x",
        "http://127.1.example/x",
    ])
    func `a token does not leave the machine unencrypted`(address: String) async throws {
        let environment = [
            "CLOUDFLARE_ACCOUNT_ID": "a", "CLOUDFLARE_API_TOKEN": "0123456789abcdef", "https_proxy": nil,
        ]
        let byVariable = try await CommandRunner.run(
            CommandRunner.kvark, ["namespace", "list"],
            environment: CommandRunner.environment(
                changing: environment.merging(["CLOUDFLARE_API_BASE_URL": address]) { $1 }))
        let byOption = try await CommandRunner.run(
            CommandRunner.kvark, ["namespace", "list", "--api-base-url", address],
            environment: CommandRunner.environment(changing: environment))
        let byProfile = try await CommandRunner.run(
            CommandRunner.kvark, ["backup", "kv://old/n", "--to", "/nowhere/vault"],
            environment: CommandRunner.environment(changing: [
                "KVARK_OLD_ACCOUNT_ID": "a", "KVARK_OLD_API_TOKEN": "0123456789abcdef",
                "KVARK_OLD_API_BASE_URL": address,
            ]))
        for outcome in [byVariable, byOption, byProfile] {
            #expect(outcome.status == 1)
            #expect(outcome.errorText.contains("is not encrypted"), "\(outcome.errorText)")
            #expect(outcome.errorText.contains("--allow-http"))
        }
    }

    /// Asks an address; whether it is refused shows at once, and what the server there would say does not matter.
    private static func ask(_ address: String, _ options: [String] = []) async throws -> CommandRunner.Outcome {
        try await CommandRunner.run(
            "timeout", ["2", CommandRunner.kvark, "namespace", "list", "--api-base-url", address] + options,
            environment: CommandRunner.environment(changing: [
                "CLOUDFLARE_ACCOUNT_ID": "a", "CLOUDFLARE_API_TOKEN": "0123456789abcdef",
            ]))
    }

    @Test(arguments: ["127.0.0.1", "localhost", "127.3.2.1", "[::1]", "LOCALHOST", "kv.localhost"])
    func `this machine may be asked unencrypted`(host: String) async throws {
        let outcome = try await Self.ask("http://\(host):1/client/v4")
        #expect(!outcome.errorText.contains("is not encrypted"), "\(outcome.errorText)")
        #expect(outcome.status == 143 || outcome.status == 124)
    }

    @Test func `who insists gets an unencrypted connection`() async throws {
        let outcome = try await Self.ask("http://kvark.invalid:1/", ["--allow-http"])
        #expect(!outcome.errorText.contains("is not encrypted"), "\(outcome.errorText)")
        #expect(outcome.status == 143 || outcome.status == 124)
    }

    @Test func `a redirect ends the command at once and names its target`() async throws {
        try await Workbench.withServer { bench in
            let target = "https://login.example.com/?from=kv"
            try await ScriptedServer.withServer({ _, _ in .http(302, "", headers: ["location": target]) }) { server in
                let outcome = try await bench.kvark(
                    "namespace", "list", "--api-base-url", "http://127.0.0.1:\(server.port)/client/v4")
                #expect(outcome.status == 1)
                #expect(outcome.errorText.contains(target), "\(outcome.errorText)")
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test func `a certificate file is named where it is wrong, and TLS is not talked away`() async throws {
        try await Workbench.withServer { bench in
            let plain = (bench.environment["CLOUDFLARE_BASE_URL"] ?? nil) ?? ""
            let secure = plain.replacing("http://", with: "https://")
            let outcome = try await bench.kvark("namespace", "list", "--api-base-url", secure)
            #expect(outcome.status == 1)
            #expect(outcome.errorText.contains("--ca-file"))
            #expect(!outcome.errorText.contains("http://"), "\(outcome.errorText)")
            let missing = try await bench.kvark(
                "namespace", "list", "--api-base-url", secure, "--ca-file", "/nowhere/ca.pem")
            #expect(missing.status == 1)
            #expect(missing.errorText.contains("/nowhere/ca.pem"), "\(missing.errorText)")
            #expect(try await bench.kvark("namespace", "list", "--ca-file", "").status == 64)
        }
    }
}
