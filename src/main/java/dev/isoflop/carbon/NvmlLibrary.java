package dev.isoflop.carbon;

/// The functions of NVIDIA's management library that reading energy takes, by their meaning.
///
/// [NvmlBinding] is the library itself. Every function that fails throws [NvmlException].
interface NvmlLibrary extends AutoCloseable {

    /// Numbers of {@code nvmlReturn_t} that are told apart.
    int NOT_SUPPORTED = 3;

    /// GPUs on this machine: {@code nvmlDeviceGetCount_v2}.
    int count() throws NvmlException;

    /// The handle of a GPU in the order of the PCI bus: {@code nvmlDeviceGetHandleByIndex_v2}.
    long byIndex(int index) throws NvmlException;

    /// The handle of a GPU by its identifier, "GPU-...": {@code nvmlDeviceGetHandleByUUID}.
    long byIdentifier(String identifier) throws NvmlException;

    /// The product's name: {@code nvmlDeviceGetName}.
    String name(long gpu) throws NvmlException;

    /// Millijoules since the driver was loaded: {@code nvmlDeviceGetTotalEnergyConsumption}, of
    /// Volta and later.
    long millijoules(long gpu) throws NvmlException;

    /// Power in milliwatts: {@code nvmlDeviceGetPowerUsage}.
    long milliwatts(long gpu) throws NvmlException;

    /// Ends the use of the library: {@code nvmlShutdown}.
    @Override
    void close();
}
