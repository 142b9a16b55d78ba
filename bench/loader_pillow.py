"""The work of bench/Loader.java in Pillow and numpy: images a second of processor time.

    python3 bench/loader_pillow.py DIR
"""

import glob
import math
import random
import sys
import time

import numpy as np
from PIL import Image

MEASURED = 500
SIZE = 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
SCALE = 1 / (np.array([0.229, 0.224, 0.225], np.float32) * 255)


def crop(width, height):
    """torchvision's RandomResizedCrop with scale (0.2, 1)."""
    area = width * height
    for _ in range(10):
        target = area * random.uniform(0.2, 1)
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        w = round(math.sqrt(target * ratio))
        h = round(math.sqrt(target / ratio))
        if 0 < w <= width and 0 < h <= height:
            x = random.randint(0, width - w)
            y = random.randint(0, height - h)
            return x, y, x + w, y + h
    return 0, 0, width, height


def prepare(path, planes):
    with open(path, "rb") as file:
        image = Image.open(file).convert("RGB")
    image = image.crop(crop(*image.size)).resize((SIZE, SIZE), Image.BICUBIC)
    if random.random() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    values = np.asarray(image, np.float32)
    values = (values - MEAN) * SCALE
    planes[:] = values.transpose(2, 0, 1)


def main():
    random.seed(1)
    files = sorted(glob.glob(sys.argv[1] + "/*.jpg"))
    chunk = np.empty((16, 3, SIZE, SIZE), np.float32)
    for i in range(50):
        prepare(files[i % len(files)], chunk[i % 16])
    started = time.process_time()
    for i in range(MEASURED):
        prepare(files[i % len(files)], chunk[i % 16])
    print("%.1f" % (MEASURED / (time.process_time() - started)))


main()
