/// The free plan's daily quota, which comes back at 00:00 UTC.
package enum DailyQuota {
    /// How long to wait when the quota is used up.
    ///
    /// A minute more than until midnight. A quota that is used up just after midnight most likely was not given back yet,
    /// and is waited for in steps of ten minutes.
    ///
    /// - Parameter unixNow: Seconds since 1970.
    /// - Returns: Seconds.
    package static func secondsToWait(unixNow: Double) -> Double {
        let day = 86_400.0
        let sinceMidnight = unixNow - (unixNow / day).rounded(.down) * day
        return sinceMidnight < 600 ? 600 : day - sinceMidnight + 60
    }
}
