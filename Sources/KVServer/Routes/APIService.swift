import KVModel

/// The API itself, apart from HTTP: a request in, an answer out.
struct APIService: Sendable {
    /// The namespaces and records.
    let store: RecordStore
    /// The one account.
    let accountID: AccountID
    /// The server's clock.
    var now: @Sendable () -> UnixTime { store.now }

    /// Refuses what has no operation, before any of the body is read.
    func check(_ match: RouteMatch, method: String, target: RequestTarget) throws(APIFault) {
        if match.lacksName || (match.account.map { $0 != accountID.rawValue } ?? false) {
            let path = String(decoding: target.path, as: UTF8.self)
            var fault = APIFault(
                .couldNotRoute, message: "Could not route to \(path), perhaps your object identifier is invalid?")
            fault.items.append(APIFault.Item(code: .noRoute, message: "No route for that URI"))
            throw fault
        }
        guard match.route == .none else { return }
        guard match.allowedMethods.isEmpty else {
            var fault = APIFault(.methodNotAllowed, message: "Method \(method) not allowed for this URI")
            fault.headers = [("Allow", match.allowedMethods.joined(separator: ", "))]
            throw fault
        }
        throw APIFault(.noRoute, message: "No route for that URI")
    }

    /// Answers a request; refusals are answers too.
    func answer(_ request: APIRequest) async -> Reply {
        request.checkParameters()
        var reply = await outcome(request)
        reply.warnings = request.warnings.all
        return reply
    }

    private func outcome(_ request: APIRequest) async -> Reply {
        do {
            return try await perform(request)
        } catch let fault as APIFault {
            return .fault(fault)
        } catch is RecordStore.NamespaceMissing {
            return .fault(.namespaceNotFound(request.operation))
        } catch {
            // Such as a full disk: the client may try again, and the reason stands in its error.
            return .fault(APIFault(.temporarilyUnavailable, request.operation, "internal error: \(error)"))
        }
    }

    private func perform(_ request: APIRequest) async throws -> Reply {
        switch request.match.route {
        case .namespacesList: try await listNamespaces(request)
        case .namespaceCreate: try await createNamespace(request)
        case .namespaceGet: try await getNamespace(request)
        case .namespaceRename: try await renameNamespace(request)
        case .namespaceDelete: try await deleteNamespace(request)
        case .keysList: try await listKeys(request)
        case .valueGet: try await getValue(request)
        case .valuePut: try await putValue(request)
        case .valueDelete: try await deleteValue(request)
        case .metadataGet: try await getMetadata(request)
        case .bulkPut: try await putBulk(request)
        case .bulkDelete: try await deleteBulk(request)
        case .bulkGet: try await getBulk(request)
        case .accountsList: try listAccounts(request)
        case .accountGet: getAccount()
        case .membershipsList: throw APIFault(APICode(rawValue: 9106), status: 403, message: "Authentication failed")
        case .tokenVerify: verifyToken()
        case .userGet: getUser()
        case .none: throw APIFault(.noRoute, message: "No route for that URI")
        }
    }
}
