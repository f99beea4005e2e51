// Uploads images that are dropped on the library or chosen for it, one after the other. The reloaded
// list says for each refused one why. It takes the place of cabinet's own handlers, which send all at
// once and say only that something failed.
{
  const folder = new URLSearchParams(location.search).getAll("folder__id__exact").at(-1);

  // Returns why an image did not arrive, or nothing. The server itself tells the list why it refused one.
  const send = async (file) => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    data.append("folder", folder);
    data.append("file", file);
    try {
      const { ok, status, redirected } = await fetch("upload/", { method: "POST", body: data });
      if (status === 413) return "the file is too large";
      if (redirected || status === 403) return "you are signed out";
      return ok || status === 400 ? "" : "the site could not take it just now";
    } catch {
      return "the connection was lost";
    }
  };

  const sendAll = async (files) => {
    const progress = document.createElement("p");
    progress.className = "progress";
    progress.setAttribute("role", "status");
    document.querySelector(".results").append(progress);
    const missing = [];
    for (const [number, file] of files.entries()) {
      progress.textContent = `${number + 1} of ${files.length}: ${file.name}`;
      const reason = await send(file);
      if (reason) missing.push(`${file.name} (${reason})`);
    }
    if (!missing.length) return location.reload();
    progress.textContent = `Not uploaded: ${missing.join(", ")}. Reload the page to see the others.`;
  };

  // Takes the files of an event before cabinet does.
  const take = (event, files) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    document.querySelector(".results").classList.remove("dragover");
    if (files.length) sendAll([...files]);
  };
  if (/^\d+$/.test(folder)) {
    window.addEventListener("drop", (event) => {
      if (event.target.closest(".results")) take(event, event.dataTransfer.files);
    }, true);
    window.addEventListener("change", (event) => {
      if (event.target.closest("#cabinet-upload")) take(event, event.target.files);
    }, true);
  }
}
