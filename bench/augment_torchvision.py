"""The work of bench/Augment.java in Pillow and torchvision: images a second of processor time.

    python3 bench/augment_torchvision.py DIR METHOD SOURCE [BLUR]
    python3 bench/augment_torchvision.py DIR make FROM

METHOD is simclr, byol, dino or mae; SOURCE is pixels (decoded beforehand) or jpeg. BLUR is pillow (three
boxes, the default, and the faster of the two) or torchvision (a Gaussian of 23 x 23). The second makes
JPEG images of 500 x 375 of those below FROM.
"""

import glob
import io
import random
import sys
import time

import torch
from PIL import Image, ImageFilter, ImageOps
from torchvision import transforms as T

SIZE = 224
MEASURED = 4  # seconds


def pillow_blur(image):
    return image.filter(ImageFilter.GaussianBlur(random.uniform(0.1, 2.0)))


def solarise(image):
    return ImageOps.solarize(image)


def sometimes(share, step):
    return [T.RandomApply([step], p=share)] if share > 0 else []


def chain(scale, jitter, blur_share, solarise_share, blur):
    steps = [
        T.RandomResizedCrop(SIZE, scale=scale, interpolation=T.InterpolationMode.BICUBIC),
        T.RandomHorizontalFlip(),
    ]
    if jitter:
        steps += [T.RandomApply([T.ColorJitter(*jitter)], p=0.8), T.RandomGrayscale(p=0.2)]
    steps += sometimes(blur_share, blur) + sometimes(solarise_share, solarise)
    steps += [T.ToTensor(), T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]
    return T.Compose(steps)


def chains(method, blur):
    weak = (0.4, 0.4, 0.2, 0.1)
    if method == "simclr":
        return [chain((0.08, 1), (0.8, 0.8, 0.8, 0.2), 0.5, 0, blur)] * 2
    if method == "byol":
        return [chain((0.08, 1), weak, 1, 0, blur), chain((0.08, 1), weak, 0.1, 0.2, blur)]
    if method == "dino":
        return [chain((0.4, 1), weak, 1, 0, blur), chain((0.4, 1), weak, 0.1, 0.2, blur)]
    return [chain((0.2, 1), None, 0, 0, blur)] * 2


def decode(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def make(directory, source):
    files = sorted(glob.glob(source + "/**/*.jpg", recursive=True))
    for i, file in enumerate(files):
        image = ImageOps.fit(Image.open(file).convert("RGB"), (500, 375), Image.BICUBIC)
        image.save("%s/%03d.jpg" % (directory, i), quality=90)


def main():
    directory, method, source = sys.argv[1:4]
    if method == "make":
        make(directory, source)
        return
    torch.set_num_threads(1)
    torch.manual_seed(1)
    random.seed(1)
    named = sys.argv[4] if len(sys.argv) > 4 else "pillow"
    blur = pillow_blur if named == "pillow" else T.GaussianBlur(23, (0.1, 2.0))
    views = chains(method, blur)
    files = []
    for name in sorted(glob.glob(directory + "/*.jpg")):
        with open(name, "rb") as file:
            files.append(file.read())
    pictures = [decode(data) for data in files] if source == "pixels" else files
    for i in range(5):
        for view in views:
            view(decode(files[i]))
    images = 0
    started = time.process_time()
    while time.process_time() - started < MEASURED:
        for picture in pictures[images % len(pictures) :][:10]:
            image = picture if source == "pixels" else decode(picture)
            for view in views:
                view(image)
            images += 1
    print("%.1f" % (images / (time.process_time() - started)))


main()
