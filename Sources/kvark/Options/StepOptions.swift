import CommandArguments
import JSONText
import KVTransfer

/// What happens to records on their way into a namespace; the same for every command that writes them.
struct StepOptions: ParsableArguments {
    static let helpSection: String? = "On the way"

    @OptionGroup var selecting: SelectionOptions

    @Option(help: ArgumentHelp("At most so many records, from the first on.", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Give keys that start with OLD names that start with NEW; either may be empty, \\= is a = in OLD. Given "
                + "again, the longest OLD counts. All is read before anything is written.", valueName: "old=new"),
        transform: Self.rule)
    var renamePrefix: [PrefixRenames.Rule] = []

    @Option(help: "What becomes of expirations: they stay, go, or fall as much later as the archive is old.")
    var expiration = ExpirationChoice.keep

    @Option(
        help: ArgumentHelp("Give every record this metadata; null takes it away.", valueName: "json"),
        transform: Self.metadataChange)
    var setMetadata: RecordChange.Metadata = .keep

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit is a number from 0 on") }
        for (index, rule) in renamePrefix.enumerated()
        where renamePrefix[..<index].contains(where: { $0.old == rule.old }) {
            throw ValidationError("--rename-prefix says twice what becomes of \(rule.old)")
        }
    }

    /// Refuses steps that do not go together with what is done with the target.
    ///
    /// - Parameters:
    ///   - replaying: What is done with the target.
    ///   - hasAge: Whether the records come from an archive.
    /// - Throws: `ValidationError`.
    func check(_ replaying: ReplayOptions, hasAge: Bool) throws {
        if expiration == .shift, !hasAge {
            throw ValidationError("--expiration shift is for archives, which have an age")
        }
        let choosesKeys = !selecting.filter.selection.isPrefix || selecting.keysFrom != nil || limit != nil
        if replaying.mirror, choosesKeys {
            throw ValidationError(
                "--mirror deletes what the source does not have, which is not known of keys that are chosen by --match, "
                    + "--exclude, --keys-from or --limit; --prefix goes with it")
        }
    }

    /// Whether all records are read before the first is written.
    var readsFirst: Bool { !renamePrefix.isEmpty }

    /// A source with the steps done.
    ///
    /// - Parameters:
    ///   - base: The records.
    ///   - selection: Which keys are taken.
    ///   - age: How old they are, in seconds; `nil` where there is no telling.
    /// - Returns: A source of what becomes of them.
    /// - Throws: `ValidationError` for `--expiration shift` without an age; ``TransferError``; the source's errors.
    func source(
        of base: any ResumableSource, _ selection: KeySelection, age: Int64? = nil
    ) async throws -> any ResumableSource {
        var steps = RecordSteps()
        steps.selection = selection
        steps.limit = limit
        steps.renames = PrefixRenames(renamePrefix)
        steps.change.metadata = setMetadata
        switch expiration {
        case .keep: break
        case .strip: steps.change.expiration = .strip
        case .shift:
            guard let age else { throw ValidationError("--expiration shift is for archives, which have an age") }
            steps.change.expiration = .shift(seconds: age)
        }
        return try await steps.source(of: base)
    }

    @Sendable private static func rule(_ text: String) throws -> PrefixRenames.Rule {
        var old = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "=" {
                return PrefixRenames.Rule(old: KVKey(String(old)), new: KVKey(String(rest)))
            }
            if scalar == "\\", let next = rest.first, next == "=" || next == "\\" {
                old.append(next)
                rest.removeFirst()
            } else {
                old.append(scalar)
            }
        }
        throw ValidationError("\(KVKey(text)) has no =; write OLD=NEW")
    }

    @Sendable private static func metadataChange(_ text: String) throws -> RecordChange.Metadata {
        do throws(JSONError) {
            let metadata = try KVMetadata(json: text)
            if metadata?.isTooLong == true {
                throw JSONError(.wrongKind, at: 0, "metadata has \(KVLimits.metadataBytes) bytes at the most")
            }
            return .set(metadata)
        } catch {
            throw ValidationError("--set-metadata is no metadata: \(error)")
        }
    }
}

/// The choices of `--expiration`.
enum ExpirationChoice: String, CaseIterable, ExpressibleByArgument {
    case keep, strip, shift
}
