// Photos and papers of a case: made small on the phone, sent one by one with progress, tried again after a lost
// connection. Words come from data-* attributes. Without this file the form sends its files by itself.

import { shrink } from "./photo.js";

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The hash of what the phone has, where the browser may compute it (secure addresses).
async function sha256(file) {
  if (!globalThis.crypto?.subtle) return "";
  return hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
}

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function post(url, data, progress) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", () => failed(new Error("network")));
    request.addEventListener("timeout", () => failed(new Error("timeout")));
    request.timeout = 120000;
    request.send(data);
  });
}

class Sender {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    this.said = form.querySelector("[data-said]");
    this.left = form.querySelector("[data-left]");
    this.meter = form.querySelector("progress");
    this.list = document.getElementById(this.words.list);
    this.queue = [];
    this.count = 0;
    this.done = 0;
    this.busy = false;
    form.querySelector("[data-plain]").hidden = true;
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const input of form.querySelectorAll("input[type=file]")) {
      input.addEventListener("change", () => {
        this.add([...input.files]);
        input.value = "";
      });
    }
    window.addEventListener("online", () => this.retryAll());
    window.addEventListener("beforeunload", (event) => {
      if (this.busy || this.left.querySelector("[data-failed]")) event.preventDefault();
    });
  }

  add(files) {
    if (!this.busy && !this.queue.length) {
      this.count = this.done = 0;
      for (const line of this.left.querySelectorAll(":scope > :not([data-failed])")) line.remove();
    }
    this.count += files.length;
    this.queue.push(...files.map((file) => ({ file, key: newKey() })));
    this.run();
  }

  async run() {
    if (this.busy) return;
    this.busy = true;
    this.meter.hidden = false;
    while (this.queue.length) await this.send(this.queue.shift());
    this.busy = false;
    this.meter.hidden = true;
    // What was not kept stands in lines of its own, each with its reason.
    this.said.textContent = this.left.children.length ? "" : this.words.kept;
    this.left.lastElementChild?.scrollIntoView({ block: "center" }); // not behind the bar at the foot
  }

  tell(words) {
    this.said.textContent = words.replace("{at}", this.done + 1).replace("{all}", this.count);
  }

  async send(item) {
    this.meter.value = 0;
    if (!item.blob) {
      this.tell(this.words.making);
      item.hash = await sha256(item.file).catch(() => "");
      item.blob = await shrink(item.file);
    }
    this.tell(this.words.sending);
    const data = new FormData(this.form);
    for (const name of ["camera", "files"]) data.delete(name);
    data.set("submit_key", item.key);
    data.set("sha256", item.blob === item.file ? "" : item.hash);
    data.set("files", item.blob, item.file.name);
    try {
      const answer = await post(this.form.action, data, (share) => (this.meter.value = share));
      const said = answer.response;
      if (answer.status === 200 && said?.html) {
        this.list?.insertAdjacentHTML("beforeend", said.html);
        document.getElementById("belum-berkas")?.remove();
      } else if (answer.status === 422 && said?.error) {
        this.keep(item, said.error, false);
      } else {
        this.keep(item, answer.status < 500 ? this.words.login : this.words.failed, true);
      }
    } catch {
      this.keep(item, navigator.onLine ? this.words.failed : this.words.waiting, true);
    }
    this.done += 1;
  }

  // A line for a file that was not kept; `again` where another try may help.
  keep(item, words, again) {
    const line = document.createElement("li");
    line.className = "k-line";
    const text = document.createElement("span");
    text.className = "k-grow";
    text.textContent = `${item.file.name}: ${words}`;
    line.append(text);
    if (again) {
      line.dataset.failed = "";
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-quiet btn-sm";
      button.textContent = this.words.again;
      line.retry = () => {
        line.remove();
        this.count += this.busy ? 1 : 1 - this.count;
        if (!this.busy) this.done = 0;
        this.queue.push(item);
        this.run();
      };
      button.addEventListener("click", line.retry);
      line.append(button);
    }
    this.left.append(line);
  }

  retryAll() {
    for (const line of this.left.querySelectorAll("[data-failed]")) line.retry();
  }
}

for (const form of document.querySelectorAll("form[data-photos]")) new Sender(form);
