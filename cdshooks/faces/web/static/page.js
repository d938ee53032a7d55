// Copies a command or a request body. Without this file the page has links and text to select.
"use strict";

const said = document.getElementById("said");

async function textOf(button) {
  if (button.dataset.copy) {
    return document.getElementById(button.dataset.copy).textContent;
  }
  const response = await fetch(button.dataset.copyFrom);
  if (!response.ok) {
    throw new Error(`status ${response.status}`);
  }
  return response.text();
}

for (const button of document.querySelectorAll("button[hidden]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(await textOf(button));
      said.textContent = "Copied.";
    } catch (error) {
      said.textContent = `Not copied (${error.message}): select the text, or open the link.`;
    }
  });
}
