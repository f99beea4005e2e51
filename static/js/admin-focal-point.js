// Keeps the focal point's two number fields and the mouse picker on the picture at one value.
window.addEventListener("load", () => {
  const stored = document.getElementById("id_image_ppoi");
  const across = document.getElementById("id_focal_x");
  const down = document.getElementById("id_focal_y");
  const preview = document.querySelector(".imagefield-preview");
  if (!stored || !across || !down || !preview) return;

  preview.addEventListener("click", () => {
    // After the picker's own listener, which sits on the body.
    setTimeout(() => {
      [across.value, down.value] = stored.value.split("x").map((part) => Math.round(part * 100));
    });
  });

  for (const field of [across, down]) {
    field.addEventListener("input", () => {
      const image = preview.querySelector("img");
      const point = preview.querySelector(".imagefield-point");
      point.style.left = `${(image.clientWidth * across.value) / 100}px`;
      point.style.top = `${(image.clientHeight * down.value) / 100}px`;
    });
  }
});
