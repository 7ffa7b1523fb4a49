import Glibc

extension ParsableCommand {
    /// Reads the command line of the process, runs the command and ends the process.
    ///
    /// Texts that were asked for go to standard output with status 0; a wrong command line is reported on standard error
    /// with status 64, other errors with 1.
    @concurrent package static func main() async {
        do {
            switch try parse(Array(CommandLine.arguments.dropFirst())) {
            case .text(let text): StandardStream.output.write(text)
            case .command(let invocation): try await invocation.run()
            }
            exit(0)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch let error as UsageError {
            StandardStream.error.write(error.text())
            exit(UsageError.exitStatus)
        } catch {
            StandardStream.error.write("\(configuration.commandName): \(error)\n")
            exit(1)
        }
    }

    /// What is wrong with the declarations of this command and of all below it; a test expects none.
    package static func declarationFaults() -> [String] { CommandNode(root: self).all.flatMap(\.faults) }
}
