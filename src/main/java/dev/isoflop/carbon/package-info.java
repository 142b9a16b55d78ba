/// From hours on a device to energy, and from energy to carbon, each figure with its derivation;
/// and energy that was measured, where a machine has meters.
///
/// Read [Footprint][dev.isoflop.carbon.Footprint] first: what is reckoned, under which
/// [Conditions][dev.isoflop.carbon.Conditions]. What is measured begins with
/// [Metering][dev.isoflop.carbon.Metering], which reads each [Meter][dev.isoflop.carbon.Meter] at
/// every step: [Rapl][dev.isoflop.carbon.Rapl], the processor's counters that Linux shows, and
/// [Nvml][dev.isoflop.carbon.Nvml], those of NVIDIA's driver. A meter that is not there is
/// [Absent][dev.isoflop.carbon.Absent], with the reason: it is never a zero. Knows nothing of
/// libtorch; NVIDIA's driver is called by `java.lang.foreign`, and only when meters are looked for.
@NullMarked
package dev.isoflop.carbon;

import org.jspecify.annotations.NullMarked;
