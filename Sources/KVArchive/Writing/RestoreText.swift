import JSONText
import KVModel

/// `RESTORE.txt`: how to check and restore an archive with stock tools, as text that is a script too.
enum RestoreText {
    /// The text for an archive, with its own numbers filled in.
    static func text(for manifest: Manifest, parts: [PartSummary]) -> [UInt8] {
        Array((introduction(manifest) + script(records: manifest.totals.records)).utf8)
    }

    /// Every line is a comment, whatever a title holds: text from outside must not become a command.
    private static func introduction(_ manifest: Manifest) -> String {
        let totals = manifest.totals
        let source = manifest.source
        let title = source.namespaceTitle.map { KVKey($0).description } ?? "unknown"
        let id = source.namespaceID.map { KVKey($0.rawValue).description } ?? "unknown"
        return """
            # How to restore this archive of a Cloudflare Workers KV namespace with stock tools
            #
            #   namespace   \(title) (id \(id))
            #   taken       \(UTCTime.text(manifest.startedAt)) to \(UTCTime.text(manifest.finishedAt))
            #   records     \(totals.records), of which \(totals.recordsWithExpiration) expire; \(manifest.holes.count) keys could not be read
            #   parts       \(manifest.parts.count), \(totals.compressedBytes) bytes; \(totals.rawBytes) bytes decompressed
            #
            # Each part-*.ndjson.zst holds records, one JSON object a line, in the order of their keys. Needed: bash, GNU
            # coreutils, sed, awk, zstd, jq and curl 7.76 or newer.
            #
            # Check the files:       sha256sum -c SHA256SUMS
            # Look at the keys:      zstd -dc part-*.zst | jq -c .key
            # One value (text):      zstd -dc part-*.zst | jq -j 'select(.key == "KEY") | .value'
            # One value (base64):    the same, piped to base64 -d, where the record has "base64":true
            #
            # Restore everything: this text is also a script. In this folder, with these variables set, run
            #
            #   export CLOUDFLARE_ACCOUNT_ID=... CLOUDFLARE_API_TOKEN=... NAMESPACE_ID=...
            #   bash RESTORE.txt
            #
            # CLOUDFLARE_API_BASE_URL names another server. A namespace that holds keys is refused, unless OVERWRITE=yes is set:
            # then keys of the archive replace those of the same name, and all others stay. Records that expire within two
            # minutes are left out, because the API refuses a whole request for one of them. After an interruption, run it again
            # with OVERWRITE=yes: writing the same records twice does no harm.
            # The records are joined to requests as text: jq would change numbers in metadata such as 1.0.


            """
    }

    private static func script(records: Int) -> String { "records=\(records)\n" + commands }

    private static let commands = #"""
        set -euo pipefail
        export LC_ALL=C
        umask 077

        : "${CLOUDFLARE_ACCOUNT_ID:?is not set}" "${CLOUDFLARE_API_TOKEN:?is not set}" "${NAMESPACE_ID:?is not set}"
        url="${CLOUDFLARE_API_BASE_URL:-https://api.cloudflare.com/client/v4}"
        url="${url%/}/accounts/$CLOUDFLARE_ACCOUNT_ID/storage/kv/namespaces/$NAMESPACE_ID"

        cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
        sha256sum --check --quiet SHA256SUMS

        work=$(mktemp -d)
        trap 'rm -rf -- "$work"' EXIT
        # In a file, because the arguments of a command can be seen by everyone on the machine.
        printf 'Authorization: Bearer %s\nContent-Type: application/json\n' "$CLOUDFLARE_API_TOKEN" > "$work/headers"

        if [ "${OVERWRITE:-no}" != yes ]; then
          curl -sS --fail-with-body --retry 5 -H "@$work/headers" -o "$work/answer" "$url/keys?limit=10" ||
            { cat -- "$work/answer" >&2 || true; exit 1; }
          jq -e '.success == true' "$work/answer" > /dev/null || { cat -- "$work/answer" >&2; exit 1; }
          jq -e '(.result | length) == 0 and (.result_info.cursor // "") == ""' "$work/answer" > /dev/null ||
            { echo 'the namespace is not empty; set OVERWRITE=yes to write into it' >&2; exit 1; }
        fi

        # Prints the lines of a file that can be written now. The expiration stands right behind the key, within the first
        # 4096 bytes; some versions of awk are very slow with the long lines of large values.
        keep_lasting() {
          cut -b 1-4096 -- "$1" | awk -v soonest="$(($(date +%s) + 120))" '
            match($0, /^[{]"key":"([^"\\]|\\.)*","expiration":[0-9]+,/) {
              head = substr($0, 1, RLENGTH - 1)
              sub(/.*:/, "", head)
              if (head + 0 < soonest + 0) print NR "d"
            }' > "$work/drop"
          sed -f "$work/drop" -- "$1"
        }

        # Sends one file of lines as an array and reads what the API says. Writing the same again does no harm.
        send() {
          { printf '['; paste -s -d , -- "$1"; printf ']'; } > "$work/body"
          for attempt in 1 2 3 4 5 6; do
            if curl -sS --fail-with-body -X PUT -H "@$work/headers" --data-binary "@$work/body" \
                 -o "$work/answer" "$url/bulk" &&
               jq -e '.success == true and ([.result | objects | .unsuccessful_keys // [] | .[]] | length) == 0' \
                 "$work/answer" > /dev/null; then
              return 0
            fi
            { head -c 2000 -- "$work/answer" || true; echo; echo "attempt $attempt failed"; } >&2
            [ "$attempt" = 6 ] || sleep "$((attempt * attempt * 2))"
          done
          return 1
        }

        sent=0
        left_out=0
        shopt -s nullglob
        for part in part-*.ndjson.zst; do
          # At most 90 MB and 10,000 lines to a request; the API takes 100 MB and 10,000 pairs.
          zstd -dcq -- "$part" | split -a 6 -C 90000000 - "$work/bytes."
          for piece in "$work"/bytes.*; do
            [ -z "$(tail -c 1 -- "$piece")" ] ||
              { echo "a record of $part is too long for a bulk write; use kvark to restore it" >&2; exit 1; }
            split -a 6 -l 10000 -- "$piece" "$work/lines."
            rm -- "$piece"
            for lines in "$work"/lines.*; do
              keep_lasting "$lines" > "$work/chunk"
              all=$(wc -l < "$lines")
              kept=$(wc -l < "$work/chunk")
              rm -- "$lines"
              [ "$kept" -eq 0 ] || send "$work/chunk"
              sent=$((sent + kept))
              left_out=$((left_out + all - kept))
            done
          done
          echo "$part: $sent records written so far" >&2
        done

        [ "$((sent + left_out))" -eq "$records" ] ||
          { echo "$sent written and $left_out left out are not the $records records of this archive" >&2; exit 1; }
        echo "restored $sent records, left out $left_out that have expired or are about to"

        """#
}
