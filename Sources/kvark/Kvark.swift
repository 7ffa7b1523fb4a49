@main struct Kvark { static func main() {} }
