// A button that copies the text of a field: <button data-copy="id" data-done="Copied" hidden>. Without it, the field is there.
// Where #<id>-tersalin stands, it says what happened (data-done, data-failed) and the button keeps its words.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.getElementById(`${field.id}-tersalin`) ?? button;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = said.dataset.done;
    } catch {
      field.focus();
      if (said.dataset.failed) said.textContent = said.dataset.failed;
    }
  });
}
