import Foundation
import KVServer
import Synchronization
import Testing

/// What a request says and nothing reads: the API drops it in silence, and a rehearsal must not.
@Suite struct RequestWarningTests {
    /// Lines of standard error, as the server would write them.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    /// Runs requests and gives the warnings of each from the request log, and what the server said.
    private func warnings(
        _ requests: (RemoteNamespace) async throws -> Void
    ) async throws -> (logged: [[String]], said: [String]) {
        try await withTemporaryFolder { folder in
            let log = "\(folder)/log"
            let lines = Lines()
            try await withRemote({
                $0.requestLog = log
                $0.log = { lines.add($0) }
            }) { remote async throws in
                try await requests(try await remote.makeNamespace())
            }
            let logged = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").dropFirst().map {
                line in
                let members = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return members?["warnings"] as? [String] ?? []
            }
            return (logged, lines.all.filter { $0.hasPrefix("warning: ") })
        }
    }

    private static func form(_ names: [String]) -> [UInt8] {
        let parts = names.map { "--x\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n1\r\n" }
        return Array((parts.joined() + "--x--\r\n").utf8)
    }

    @Test func `a form's part that nobody reads is noted each time and said once`() async throws {
        let (logged, said) = try await warnings { namespace async throws in
            let headers = ["Content-Type": "multipart/form-data; boundary=x"]
            for names in [
                ["value", "metadata[userId]"], ["value", "metadata[b]"], ["value", "metadata"], ["value", "value"],
            ] {
                #expect(try await namespace.put("k", Self.form(names), headers: headers).status == 200)
            }
        }
        #expect(
            logged == [
                [#"nothing reads the form's part "metadata[userId]""#],
                [#"nothing reads the form's part "metadata[b]""#], [],
                [#"the form's part "value" stands there twice, and the first counts"#],
            ])
        #expect(said.count == 2)
        #expect(said.first?.hasPrefix(#"warning: put: nothing reads the form's part "metadata[userId]";"#) == true)
    }

    @Test func `parameters that nobody reads, or that come twice, are noted`() async throws {
        let (logged, said) = try await warnings { namespace async throws in
            #expect(try await namespace.put("k", "v", query: "?expirationTtl=60").status == 200)
            #expect(try await namespace.put("k", "v", query: "?expiration_ttl=60&expiration_ttl=90").status == 200)
            #expect(try await namespace.put("k", "v", query: "?expiration_ttl=60").status == 200)
            let list = "\(namespace.path)/keys?prefix=&limit=10&cursor="
            #expect(try await namespace.remote.call("GET", list).status == 200)
            #expect(try await namespace.remote.call("GET", "\(list)&per_page=1").status == 200)
        }
        #expect(
            logged == [
                [#"nothing reads the parameter "expirationTtl""#],
                [#"the parameter "expiration_ttl" stands there twice, and the first counts"#], [], [],
                [#"nothing reads the parameter "per_page""#],
            ])
        #expect(said.count == 2)
    }

    @Test func `times that are not what they seem are noted`() async throws {
        let now = Int(Date().timeIntervalSince1970)
        let (logged, said) = try await warnings { namespace async throws in
            for query in [
                "?expiration=\(now + 3_600)", "?expiration=\(now + 3_600)000", "?expiration_ttl=60.9",
                "?expiration=\(now + 3_600)&expiration_ttl=60", "?expiration_ttl=3000000000",
                "?expiration_ttl=4000000000",
            ] {
                #expect(try await namespace.put("k", "v", query: query).status == 200, "\(query)")
            }
        }
        #expect(logged.map(\.count) == [0, 1, 1, 1, 0, 1])
        #expect(logged[1].first?.hasSuffix("times are in seconds, not milliseconds") == true)
        #expect(logged[2] == [#"the expiration_ttl "60.9" is read as 60"#])
        #expect(logged[3] == ["expiration_ttl wins over the expiration beside it"])
        #expect(said.count == 3)
    }

    @Test func `members that nobody reads are noted in every body`() async throws {
        let (logged, _) = try await warnings { namespace async throws in
            let remote = namespace.remote
            let pairs =
                #"[{"key":"a","value":"1","expirationTtl":60},{"key":"b","value":"1","expiration":99999999999999}]"#
            #expect(try await remote.call("PUT", "\(namespace.path)/bulk", pairs).status == 200)
            let get = #"{"keys":["a"],"withmetadata":true}"#
            #expect(try await remote.call("POST", "\(namespace.path)/bulk/get", get).status == 200)
            #expect(try await remote.call("POST", remote.namespaces, #"{"title":"t","name":"t"}"#).status == 200)
            // Rows of a list of keys may be given as they are.
            let rows = #"[{"name":"a","expiration":1,"metadata":{}}]"#
            #expect(try await remote.call("POST", "\(namespace.path)/bulk/delete", rows).status == 200)
        }
        #expect(logged.map(\.count) == [2, 1, 1, 0])
        #expect(logged[0].first == #"nothing reads a pair's member "expirationTtl""#)
        #expect(logged[1] == [#"nothing reads the member "withmetadata""#])
        #expect(logged[2] == [#"nothing reads the member "name""#])
    }

    @Test func `a name cannot speak to the terminal`() async throws {
        let (_, said) = try await warnings { namespace async throws in
            try await namespace.put("k", "v", query: "?%1B%5B2J%0Aname=1")
        }
        #expect(said.count == 1)
        #expect(said.allSatisfy { line in line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } })
    }
}
