package dev.isoflop.fuzz;

import dev.isoflop.budget.Devices;
import dev.isoflop.data.Dataset;
import dev.isoflop.data.Sample;
import dev.isoflop.data.Source;
import dev.isoflop.data.Tars;
import dev.isoflop.data.coco.CaptionFile;
import dev.isoflop.encoder.Choices;
import dev.isoflop.encoder.Conversion;
import dev.isoflop.encoder.PickleBytes;
import dev.isoflop.encoder.TorchZip;
import dev.isoflop.fault.InputException;
import dev.isoflop.files.Utf8;
import dev.isoflop.finetune.FineTuneRecipe;
import dev.isoflop.fuzz.Input.Loss;
import dev.isoflop.fuzz.Input.Reader;
import dev.isoflop.image.BrokenImageException;
import dev.isoflop.image.Encoded;
import dev.isoflop.image.IndexPng;
import dev.isoflop.image.Pixels;
import dev.isoflop.image.SampleFiles;
import dev.isoflop.pretrain.PretrainRecipe;
import dev.isoflop.recipe.RecipeFiles;
import dev.isoflop.recipe.Table;
import dev.isoflop.report.RunPage;
import dev.isoflop.run.MadeUpRun;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Measurements;
import dev.isoflop.run.Result;
import dev.isoflop.run.RunFolder;
import dev.isoflop.text.Tokenizer;
import dev.isoflop.torch.Safetensors;

import org.bytedeco.javacpp.PointerScope;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

import javax.imageio.ImageIO;

/// Every kind of file that isoflop reads, with a small valid one, made here.
final class Inputs {

    private static final long PIXELS = 1 << 20; // a larger image is refused before it is decoded
    private static final Choices HEADS = Choices.of(null, 2, null, null, List.of());

    private Inputs() {}

    static List<Input> all() {
        try {
            Path folder = Files.createTempDirectory("fuzz");
            List<Input> all = new ArrayList<>();
            all.addAll(encoders(folder));
            all.addAll(runs(folder));
            all.addAll(recipes());
            all.addAll(texts());
            all.addAll(images());
            all.addAll(datasets(folder));
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Without white space behind its end, which nobody misses.
    private static byte[] stripped(byte[] text) {
        return utf8(new String(text, StandardCharsets.UTF_8).stripTrailing());
    }

    private static List<Input> encoders(Path folder) throws IOException {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("epoch", 3);
        settings.put("args", new PickleBytes.Built("argparse", "Namespace", Map.of("lr", 0.1)));
        TorchZip stored = new TorchZip();
        settings.put("model", encoder(stored));
        byte[] plain = Files.readAllBytes(stored.write(folder.resolve("a.pth"), settings));
        TorchZip packed = new TorchZip().deflated();
        settings.put("model", encoder(packed));
        byte[] deflated = Files.readAllBytes(packed.write(folder.resolve("b.pth"), settings));
        Path own = folder.resolve("own.safetensors");
        try (Conversion conversion = Conversion.of(folder.resolve("a.pth"), HEADS)) {
            conversion.write(own, Conversion.As.ISOFLOP);
        }
        byte[] safetensors = Files.readAllBytes(own);
        return List.of(
                new Input("safetensors", "a.safetensors", safetensors, Loss.IS_REFUSED, TENSORS),
                new Input("encoder", "e.safetensors", safetensors, Loss.IS_REFUSED, CONVERSION),
                new Input(
                        "zip of torch",
                        "w.pth",
                        TorchZip.withWideEnd(plain),
                        Loss.IS_REFUSED,
                        CONVERSION),
                new Input("packed zip", "d.pth", deflated, Loss.IS_REFUSED, CONVERSION),
                new Input(
                        "pickle",
                        "x.pkl",
                        PickleBytes.of(settings),
                        Loss.IS_REFUSED,
                        file -> {
                            Path pth = file.resolveSibling("p.pth");
                            packed.write(pth, Files.readAllBytes(file));
                            CONVERSION.read(pth);
                        }),
                new Input(
                        "config of Hugging Face",
                        "config.json",
                        stripped(
                                utf8(
                                        """
                                        {"num_attention_heads": 2, "layer_norm_eps": 1e-12,
                                         "hidden_act": "gelu", "architectures": ["ViTModel"]}
                                        """)),
                        Loss.IS_REFUSED,
                        file -> {
                            Path weights = file.resolveSibling("hf.pth");
                            TorchZip zip = new TorchZip();
                            zip.write(weights, huggingFace(zip));
                            CONVERSION.read(weights);
                        }));
    }

    /// An encoder of width 8, one block, patches of 2 and images of 4, in timm's naming.
    private static Map<String, Object> encoder(TorchZip zip) {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("cls_token", tensor(zip, 1, 1, 8));
        state.put("pos_embed", tensor(zip, 1, 5, 8));
        linear(zip, state, "patch_embed.proj", 8, 3, 2, 2);
        linear(zip, state, "blocks.0.norm1", 8);
        linear(zip, state, "blocks.0.attn.qkv", 24, 8);
        linear(zip, state, "blocks.0.attn.proj", 8, 8);
        linear(zip, state, "blocks.0.norm2", 8);
        linear(zip, state, "blocks.0.mlp.fc1", 32, 8);
        linear(zip, state, "blocks.0.mlp.fc2", 8, 32);
        linear(zip, state, "norm", 8);
        return state;
    }

    private static Map<String, Object> huggingFace(TorchZip zip) {
        Map<String, Object> state = new LinkedHashMap<>();
        String layer = "encoder.layer.0.";
        state.put("embeddings.cls_token", tensor(zip, 1, 1, 8));
        state.put("embeddings.position_embeddings", tensor(zip, 1, 5, 8));
        linear(zip, state, "embeddings.patch_embeddings.projection", 8, 3, 2, 2);
        linear(zip, state, layer + "layernorm_before", 8);
        for (String each : List.of("query", "key", "value")) {
            linear(zip, state, layer + "attention.attention." + each, 8, 8);
        }
        linear(zip, state, layer + "attention.output.dense", 8, 8);
        linear(zip, state, layer + "layernorm_after", 8);
        linear(zip, state, layer + "intermediate.dense", 32, 8);
        linear(zip, state, layer + "output.dense", 8, 32);
        linear(zip, state, "layernorm", 8);
        return state;
    }

    private static void linear(
            TorchZip zip, Map<String, Object> state, String name, long... shape) {
        state.put(name + ".weight", tensor(zip, shape));
        state.put(name + ".bias", tensor(zip, shape[0]));
    }

    private static Object tensor(TorchZip zip, long... shape) {
        long count = LongStream.of(shape).reduce(1, (a, b) -> a * b);
        ByteBuffer bytes = ByteBuffer.allocate((int) (4 * count)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat((i % 11 - 5) / 10f);
        }
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        String key = Integer.toString(zip.count());
        zip.storage(key, bytes.array());
        return TorchZip.view("Float", key, count, 0, shape, strides);
    }

    private static final Reader TENSORS =
            file -> {
                try (PointerScope _ = new PointerScope()) {
                    Safetensors.read(file);
                }
            };

    private static final Reader CONVERSION =
            file -> {
                Path to = file.resolveSibling("new.safetensors");
                Files.deleteIfExists(to);
                try (Conversion conversion = Conversion.of(file, HEADS)) {
                    conversion.write(to, Conversion.As.TIMM);
                }
            };

    private static List<Input> runs(Path folder) throws IOException {
        Path path = folder.resolve("run");
        List<Measurement> steps = MadeUpRun.steps(8);
        try (RunFolder run = RunFolder.create(path)) {
            run.writeRecipe("name: made-up\n");
            run.writeProvenance(MadeUpRun.provenance("made-up", "flowers"));
            try (Measurements measurements = Measurements.open(run.measurements())) {
                steps.forEach(measurements::append);
            }
            run.writeResult(
                    Result.of(
                            Result.Status.FINISHED,
                            steps,
                            new Result.Broken(
                                    1, 0.01, List.of(new Result.BrokenImage("a.jpg", "truncated"))),
                            new Result.Artifact("encoder.safetensors", "ab".repeat(32)),
                            "Done."));
        }
        List<Input> inputs = new ArrayList<>();
        for (String name : List.of("result.json", "provenance.json", "measurements.jsonl")) {
            inputs.add(
                    new Input(
                            name,
                            "run/" + name,
                            stripped(Files.readAllBytes(path.resolve(name))),
                            name.endsWith("l") ? Loss.MAY_GO_UNSEEN : Loss.IS_REFUSED,
                            file -> page(path, file)));
        }
        return inputs;
    }

    /// Draws the page of a run, of which one file is another.
    private static void page(Path valid, Path file) throws IOException {
        Path run = file.resolveSibling("");
        for (String name :
                List.of("recipe.yaml", "result.json", "provenance.json", "measurements.jsonl")) {
            if (!file.endsWith(name)) {
                Files.write(run.resolve(name), Files.readAllBytes(valid.resolve(name)));
            }
        }
        RunFolder folder = RunFolder.read(run);
        RunPage.write(folder, List.of(), run.resolve("page.html"));
    }

    private static List<Input> recipes() throws IOException {
        List<Input> inputs = new ArrayList<>();
        for (String name : List.of("mae", "dino", "clip", "supervised")) {
            inputs.add(
                    new Input(
                            "recipe of " + name,
                            name + ".yaml",
                            Files.readAllBytes(Path.of("recipes/demo", name + ".yaml")),
                            Loss.MAY_GO_UNSEEN,
                            file -> {
                                for (Table t : new RecipeFiles(List.of(), null).readAll(file)) {
                                    var _ = PretrainRecipe.from(t).complete().plan(1000, 1);
                                }
                            }));
        }
        inputs.add(
                new Input(
                        "recipe of a task",
                        "task.yaml",
                        Files.readAllBytes(Path.of("recipes/demo/segmentation.yaml")),
                        Loss.MAY_GO_UNSEEN,
                        file -> {
                            for (Table t : new RecipeFiles(List.of(), null).readAll(file)) {
                                var _ = FineTuneRecipe.from(t).complete().plan(1000, 1);
                            }
                        }));
        inputs.add(
                new Input(
                        "study",
                        "study.yaml",
                        utf8(
                                """
                                name: mae-{encoder}-{budget}
                                vary:
                                  encoder: [S/16, B/16]
                                  budget: [100 steps, 1e15 FLOPs]
                                figures:
                                  first: {encoder: S/16}
                                method:
                                  name: mae
                                  mask-ratio: 0.75
                                data: {kind: world, images: 100}
                                batch: 8
                                """),
                        Loss.MAY_GO_UNSEEN,
                        file -> {
                            for (Table t : new RecipeFiles(List.of(), null).readAll(file)) {
                                var _ = PretrainRecipe.from(t).complete().plan(1000, 1);
                            }
                        }));
        inputs.add(
                new Input(
                        "device",
                        "device.yaml",
                        utf8(
                                """
                                my-card:
                                  name: a card
                                  also: [card]
                                  peak:
                                    bf16: 46 TFLOP/s
                                  bandwidth: 700 GB/s
                                  memory: 16 GiB
                                  power:
                                    mean: 221 W
                                    limit: 280 W
                                    meaning: average of runs
                                    source: a paper
                                    date: 2021-04-21
                                  source: a leaflet
                                  date: 2020-07-01
                                """),
                        Loss.MAY_GO_UNSEEN,
                        file -> {
                            var _ = Devices.named(file.toString());
                        }));
        return inputs;
    }

    private static List<Input> texts() {
        List<String> captions =
                List.of("a dog runs", "a cat sits", "two dogs run", "the cat and the dog");
        byte[] tokenizer = stripped(Tokenizer.train(captions, 60).json());
        List<Input> inputs = new ArrayList<>();
        inputs.add(
                new Input(
                        "tokenizer",
                        "tokenizer.json",
                        tokenizer,
                        Loss.IS_REFUSED,
                        file -> {
                            Tokenizer read = Tokenizer.read(file);
                            for (String caption : captions) {
                                var _ = read.encode(caption, 16);
                            }
                            var _ = read.fingerprint();
                        }));
        inputs.add(
                captions(
                        "captions.jsonl",
                        """
                        {"file_name": "1.jpg", "text": "a dog runs"}
                        {"file_name": "2.jpg", "text": "caf\u00e9 \\"au lait\\""}
                        """));
        inputs.add(
                captions(
                        "captions.csv",
                        """
                        image,caption
                        1.jpg,a dog runs
                        2.jpg,"a cat, ""Tom"", sits
                        on a mat"
                        """));
        inputs.add(captions("captions.tsv", "image\tcaption\n1.jpg\ta dog\n2.jpg\ta cat\n"));
        return inputs;
    }

    /// Captions, to a vocabulary that is learned from them.
    private static Input captions(String name, String text) {
        return new Input(
                name,
                name,
                utf8(text),
                Loss.MAY_GO_UNSEEN,
                file -> {
                    String read = Utf8.text(file.toString(), Files.readAllBytes(file));
                    List<String> lines =
                            CaptionFile.rows(file.toString(), read).stream()
                                    .map(CaptionFile.Row::text)
                                    .toList();
                    if (lines.stream().anyMatch(line -> line.matches("(?s).*[a-z].*"))) {
                        Tokenizer tokenizer = Tokenizer.train(lines, 100);
                        lines.forEach(line -> tokenizer.encode(line, 16));
                    }
                });
    }

    private static List<Input> images() {
        Reader pixels =
                file -> {
                    byte[] bytes = Files.readAllBytes(file);
                    try (Pixels read = Pixels.of(file.toString(), new Encoded(bytes), PIXELS)) {
                        var _ = read.raster();
                    }
                };
        Reader mask =
                file -> {
                    var _ = IndexPng.read(file.toString(), Files.readAllBytes(file));
                };
        return List.of(
                new Input(
                        "JPEG",
                        "a.jpg",
                        SampleFiles.jpeg(SampleFiles.gradient(24, 17)),
                        Loss.IS_REFUSED,
                        pixels),
                new Input("PNG", "a.png", png(false), Loss.IS_REFUSED, pixels),
                new Input(
                        "WebP",
                        "a.webp",
                        SampleFiles.webp(SampleFiles.gradient(24, 17)),
                        Loss.IS_REFUSED,
                        pixels),
                new Input("mask", "m.png", png(true), Loss.IS_REFUSED, mask));
    }

    private static byte[] png(boolean grey) {
        int type = grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
        BufferedImage image = new BufferedImage(9, 7, type);
        for (int i = 0; i < 63; i++) {
            image.setRGB(i % 9, i / 9, 0x010203 * i);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static List<Input> datasets(Path folder) throws IOException {
        Path images = Files.createDirectories(folder.resolve("images"));
        byte[] jpeg = SampleFiles.jpeg(SampleFiles.gradient(24, 17));
        for (String name : List.of("dog/1.jpg", "cat/2.jpg")) {
            Files.createDirectories(images.resolve(name).resolveSibling(""));
            Files.write(images.resolve(name), jpeg);
        }
        Path longName = images.resolve("dog").resolve("x".repeat(120) + ".jpg");
        Files.write(longName, jpeg);
        byte[] tar = Files.readAllBytes(Tars.pack(images));
        return List.of(
                new Input(
                        "tar",
                        "images.tar",
                        tar,
                        Loss.MAY_GO_UNSEEN, // zeros at its end belong to no image
                        file -> readAll("kind: folder\npath: " + file + "\n")),
                coco(
                        "instances",
                        images,
                        """
                        {"images": [
                          {"id": 1, "file_name": "1.jpg", "width": 24, "height": 17},
                          {"id": 2, "file_name": "2.jpg", "width": 24, "height": 17}],
                         "annotations": [
                          {"id": 7, "image_id": 1, "category_id": 3, "area": 12.5, "iscrowd": 0,
                           "bbox": [1, 2, 5, 5.5], "segmentation": [[1, 2, 6, 2, 6, 7.5]]},
                          {"id": 8, "image_id": 2, "category_id": 9, "area": 3, "iscrowd": 1,
                           "bbox": [0, 0, 2, 17],
                           "segmentation": {"size": [17, 24], "counts": [0, 34, 374]}}],
                         "categories": [{"id": 3, "name": "dog"}, {"id": 9, "name": "cat"}]}
                        """),
                coco(
                        "captions",
                        images,
                        """
                        {"images": [{"id": 1, "file_name": "1.jpg"}, {"id": 2, "file_name": "2.jpg"}],
                         "annotations": [
                          {"id": 7, "image_id": 1, "caption": "a dog"},
                          {"id": 8, "image_id": 2, "caption": "a caf\u00e9"}]}
                        """));
    }

    private static Input coco(String kind, Path images, String json) {
        return new Input(
                "COCO " + kind,
                kind + "_train2017.json",
                stripped(utf8(json)),
                Loss.IS_REFUSED,
                file -> readAll("kind: coco\npath: %s\n%s: %s\n".formatted(images, kind, file)));
    }

    /// Opens a dataset, and reads all that it has.
    private static void readAll(String data) throws BrokenImageException {
        Source source = Source.from(Table.parse("recipe.yaml", data), 32);
        try (Dataset dataset = source.open()) {
            for (int i = 0; i < dataset.size(); i++) {
                Sample sample = dataset.readWithMask(i);
                if (sample.picture() instanceof Encoded encoded) {
                    try (Pixels pixels = Pixels.of(sample.name(), encoded, PIXELS)) {
                        var _ = pixels.raster();
                    }
                }
            }
        } catch (IOException e) {
            throw new InputException("a file cannot be read, as the loader tells", e);
        }
    }
}
