/// What this machine has for training, how fast it is, and how to mend what is wrong.
///
/// One class: [Diagnosis][dev.isoflop.doctor.Diagnosis], facts in order and complaints with their
/// remedies. It loads the native library and measures for some seconds.
@NullMarked
package dev.isoflop.doctor;

import org.jspecify.annotations.NullMarked;
