/// Options and arguments that several commands have.
@propertyWrapper
package struct OptionGroup<Group: ParsableArguments>: Sendable, DeclaringGroup {
    /// The options and arguments.
    package let wrappedValue: Group

    var content: any ParsableArguments { wrappedValue }
    var section: String? { Group.helpSection }

    /// A group with what was given for it.
    package init() { wrappedValue = Group() }
}
