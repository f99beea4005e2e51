// Keeps the focal point's two number fields, the mouse picker and the crops at one value.
window.addEventListener("load", () => {
  const stored = document.getElementById("id_image_ppoi");
  const across = document.getElementById("id_focal_x");
  const down = document.getElementById("id_focal_y");
  const preview = document.querySelector(".imagefield-preview");
  if (!stored || !across || !down || !preview) return;

  // As the site crops: centred on the point, and never beyond the image's edge.
  const offset = (room, length, part) => Math.max(Math.min(room / 2 - length * part, 0), room - length);

  // In percent, as the image changes its size with the window; the picker itself uses pixels.
  const mark = () => {
    const { style } = preview.querySelector(".imagefield-point");
    [style.left, style.top] = [`${across.value}%`, `${down.value}%`];
  };

  const cut = (image) => {
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    const scale = Math.max(image.clientWidth / width, image.clientHeight / height);
    const left = offset(image.clientWidth, width * scale, across.value / 100);
    const top = offset(image.clientHeight, height * scale, down.value / 100);
    image.style.objectPosition = `${left}px ${top}px`;
  };
  const cutAll = () => document.querySelectorAll("[data-crop]").forEach(cut);

  preview.addEventListener("click", () => {
    // After the picker's own listener, which sits on the body.
    setTimeout(() => {
      [across.value, down.value] = stored.value.split("x").map((part) => Math.round(part * 100));
      mark();
      cutAll();
    });
  });

  for (const field of [across, down]) {
    field.addEventListener("input", () => {
      mark();
      cutAll();
    });
  }
  window.addEventListener("resize", cutAll);
  setTimeout(mark); // after the picker has made it
  cutAll();
});
