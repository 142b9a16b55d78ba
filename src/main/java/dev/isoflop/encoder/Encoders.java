package dev.isoflop.encoder;

import dev.isoflop.fault.InputException;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Parameters;
import dev.isoflop.torch.Safetensors;
import dev.isoflop.torch.SafetensorsHeader;
import dev.isoflop.torch.SafetensorsHeader.Dtype;
import dev.isoflop.vit.Vit;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.nio.file.Path;
import java.util.Map;

/// Encoders to go on with, as networks.
public final class Encoders {

    private Encoders() {}

    /// Reads an encoder: a network on the CPU with these weights. Draws from libtorch's generator,
    /// so seed it afterwards.
    ///
    /// @param type of its numbers, whatever the file's
    /// @throws InputException if a tensor is missing, not expected, or of another shape
    public static Vit read(EncoderFile encoder, ScalarType type) {
        LibTorch.load();
        Vit vit = encoder.card().network();
        SafetensorsHeader header = SafetensorsHeader.read(encoder.file());
        boolean wide = header.tensors().values().stream().anyMatch(it -> it.dtype() == Dtype.F64);
        vit.to(wide ? ScalarType.Double : ScalarType.Float, false);
        Map<String, Tensor> targets = Parameters.named(vit);
        if (encoder.card().style().normFirst()
                && !header.tensors().containsKey(Conversion.PATCH_BIAS)) {
            targets.remove(Conversion.PATCH_BIAS); // zeros, as they are: the file is timm's
        }
        Safetensors.readInto(encoder.file(), targets);
        vit.to(type, false);
        return vit;
    }

    /// Finds and reads an encoder.
    ///
    /// @param from as for {@link EncoderFile#find}
    /// @param type of its numbers
    public static Vit read(Path from, ScalarType type) {
        return read(EncoderFile.find(from), type);
    }
}
