package dev.isoflop.run;

/// Which isoflop this is, as figures and pages say it.
public final class Version {

    private Version() {}

    /// The version in the jar's manifest; "development" where classes come from no jar.
    public static String isoflop() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
