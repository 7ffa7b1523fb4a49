/// A shell that asks the tool what it may offer.
///
/// The scripts know nothing of the commands, so they are short and never out of date. They ask the tool of the search path
/// and not the file that is being typed, which nobody has decided to run yet.
enum CompletionShell: String, CaseIterable {
    case bash
    case zsh
    case fish

    /// The script that a shell reads at its start.
    func script(for tool: String) -> String {
        let template =
            switch self {
            case .bash: Self.bashScript
            case .zsh: Self.zshScript
            case .fish: Self.fishScript
            }
        return template.split(separator: "TOOL", omittingEmptySubsequences: false).joined(separator: tool)
    }

    private static let bashScript = #"""
        # Completions of TOOL for bash: save as ~/.local/share/bash-completion/completions/TOOL, or source it.
        _TOOL() {
            local current=${COMP_WORDS[COMP_CWORD]} kind= word help
            [[ $current == [=:]* ]] && current=
            COMPREPLY=()
            while IFS=$'\t' read -r word help; do
                if [[ -z $kind ]]; then
                    kind=$word
                elif [[ $word == "$current"* ]]; then
                    COMPREPLY+=("$word")
                fi
            done < <(command TOOL ---complete bash "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null)
            case $kind in
                files) compopt -o default ;;
                folders) compopt -o dirnames ;;
            esac
        }
        complete -F _TOOL TOOL

        """#

    private static let zshScript = #"""
        #compdef TOOL
        # Completions of TOOL for zsh: save as _TOOL in a folder of $fpath, or source it after compinit.
        _TOOL() {
            local line help
            local -a answer rows
            answer=("${(@f)$(command TOOL ---complete zsh $((CURRENT - 1)) "${(@Q)words}" 2>/dev/null)}")
            [[ $PREFIX == --*=* ]] && compset -P '*='
            case $answer[1] in
                files) _files ;;
                folders) _path_files -/ ;;
                words)
                    for line in "${(@)answer[2,-1]}"; do
                        help=${line#*$'\t'}
                        rows+=("${${line%%$'\t'*}//:/\\:}${help:+:$help}")
                    done
                    _describe -V -t words TOOL rows
                    ;;
            esac
            # Nothing is offered in the place of what is not there.
            return 0
        }
        if [[ $funcstack[1] == _TOOL ]]; then _TOOL "$@"; else compdef _TOOL TOOL; fi

        """#

    private static let fishScript = #"""
        # Completions of TOOL for fish: save as ~/.config/fish/completions/TOOL.fish, or source it.
        function __TOOL_complete
            set -l before (commandline -opc)
            set -l current (commandline -ct)
            set -l kept (string match -r -- '^--[^=]*=' $current; or echo)
            set -l value (string replace -r -- '^--[^=]*=' '' $current)
            set -l answer (command TOOL ---complete fish (count $before) $before $current 2>/dev/null)
            switch "$answer[1]"
                case files
                    printf '%s\n' $kept(__fish_complete_path $value)
                case folders
                    printf '%s\n' $kept(__fish_complete_directories $value)
                case words
                    printf '%s\n' $kept$answer[2..]
            end
        end
        complete -c TOOL -k -f -a '(__TOOL_complete)'

        """#
}
