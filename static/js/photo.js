// Make a photo small enough for a weak signal: at most 1600 px and 500 kB, as JPEG, upright, without its location.

const LONGEST = 1600;
export const LARGEST = 500 * 1024;

export async function shrink(file) {
  if (!file.type.startsWith("image/") || (file.type === "image/jpeg" && file.size <= LARGEST / 2)) return file;
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // a kind of picture this phone cannot draw (HEIC): the server can
  }
  let scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  for (const quality of [0.8, 0.7, 0.6, 0.5, 0.5, 0.5]) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (small && small.size <= LARGEST) return small;
    if (quality === 0.5) scale *= 0.7;
  }
  return file;
}
