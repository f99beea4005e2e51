// Passkeys: shows their buttons where they work, and says beside them what went wrong.

const words = {
  InvalidStateError: "This device already has a passkey for your account.",
  NotAllowedError: "This was cancelled or took too long. Try again.",
  SecurityError: "Passkeys work only at the site’s own address. Open the site there and try again.",
};

if (window.PublicKeyCredential) {
  for (const button of document.querySelectorAll("[data-passkey]")) button.hidden = false;
  for (const note of document.querySelectorAll("[data-passkey-absent]")) note.hidden = true;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const note = document.querySelector("[data-passkey-error]");
  note.textContent = words[event.detail.exception?.name] ?? "That did not work. Try again.";
  note.hidden = false;
});
