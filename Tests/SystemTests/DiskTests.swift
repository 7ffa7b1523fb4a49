import Foundation
import KVTestSupport
import Testing

/// Backups into places that cannot take them: a clear error that names the place, no archive, and once the place can take
/// it, the same command ends well.
@Suite struct DiskTests {
    /// Whether a file system can be mounted here, for a single process and its children.
    private static let canMount: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        process.arguments = ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// Fails a backup, looks at what it leaves, and runs it again.
    private static func check(_ script: String, says reason: String) async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("n", records: 5_000)
            let outcome = try await bench.bash(script)
            #expect(outcome.status == 0, "\(outcome.outputText) \(outcome.errorText)")
            let lines = outcome.outputLines
            #expect(lines.contains("first: 1"), "\(lines)")
            #expect(lines.contains("restored from it: 1"), "\(lines)")
            #expect(lines.suffix(1) == ["identical: 5,000 records"], "\(lines)")
            #expect(outcome.errorText.contains("vault/"), "\(outcome.errorText)")
            #expect(outcome.errorText.lowercased().contains(reason), "\(outcome.errorText)")
        }
    }

    /// What is done after the failure: nothing can be restored, and the same command ends well.
    private static let afterwards = """
        status=0; "$KVARK" restore vault/n/latest --to elsewhere --create || status=$?
        echo "restored from it: $status"
        mend
        "$KVARK" backup n --to vault
        "$KVARK" verify vault/n/latest
        test "$(ls vault/n | wc -l)" = 1
        "$KVARK" diff vault/n/latest n
        """

    @Test func `files that may not grow end a backup with the path and the reason`() async throws {
        // Half a mebibyte of archive does not go into files of 64 KiB.
        let script = """
            mend() { :; }
            status=0; (trap '' XFSZ; ulimit -f 64; exec "$KVARK" backup n --to vault) || status=$?
            echo "first: $status"
            \(Self.afterwards)
            """
        try await Self.check(script, says: "file too large")
    }

    @Test(.enabled(if: canMount, "needs the right to mount"))
    func `a disk that fills ends a backup with the path and the reason`() async throws {
        let script = """
            mkdir vault
            unshare -m bash -euo pipefail <<'END'
            mount -t tmpfs -o size=1m none vault
            mend() { mount -o remount,size=100m vault; }
            status=0; "$KVARK" backup n --to vault || status=$?
            echo "first: $status"
            \(Self.afterwards)
            END
            """
        try await Self.check(script, says: "no space")
    }

    @Test(.enabled(if: canMount, "needs the right to mount"))
    func `a place that is read-only ends a backup with the path and the reason`() async throws {
        let script = """
            mkdir vault
            unshare -m bash -euo pipefail <<'END'
            mount -t tmpfs -o ro none vault
            mend() { mount -o remount,rw vault; }
            status=0; "$KVARK" backup n --to vault || status=$?
            echo "first: $status"
            \(Self.afterwards)
            END
            """
        try await Self.check(script, says: "read-only")
    }

    @Test(.enabled(if: canMount, "needs the right to mount"))
    func `a vault whose file system goes away during the backup has a whole archive when the backup says so`()
        async throws
    {
        // What lies below the mount takes the rest; whether that is all of an archive depends on what was written before.
        let script = """
            mkdir vault
            unshare -m bash -euo pipefail <<'END'
            mount -t tmpfs none vault
            before=$(wc -l < requests.ndjson)
            "$KVARK" backup n --to vault --concurrency 1 & backup=$!
            while test "$(wc -l < requests.ndjson)" -lt $((before + 50)); do :; done
            umount -l vault
            status=0; wait "$backup" || status=$?
            echo "backup: $status"
            status=0; "$KVARK" verify vault/n/latest || status=$?
            echo "verify: $status"
            END
            """
        try await Workbench.withServer { bench in
            try await bench.loadMixed("n", records: 5_000)
            let outcome = try await bench.bash(script)
            #expect(outcome.status == 0, "\(outcome.errorText)")
            let lines = outcome.outputLines
            #expect(lines.contains("backup: 0") == lines.contains("verify: 0"), "\(lines) \(outcome.errorText)")
            #expect(lines.contains("backup: 0") || lines.contains("backup: 1"), "\(lines)")
        }
    }
}
