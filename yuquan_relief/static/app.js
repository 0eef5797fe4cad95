/* Every page works without this file; it only makes things quicker and safer (rules IR-n: docs). */
(() => {
  "use strict";
  const doc = document, body = doc.body, same = { credentials: "same-origin" };
  const $ = (sel, at = doc) => at.querySelector(sel);
  const $$ = (sel, at = doc) => Array.from(at.querySelectorAll(sel));
  const on = (types, fn, at = doc, capture = false) => types.split(" ").forEach((t) => at.addEventListener(t, fn, capture));
  const csrf = () => (doc.cookie.match(/csrftoken=(\w+)/) || [])[1] || "";
  const el = (tag, props, ...kids) => {
    const node = Object.assign(doc.createElement(tag), props);
    node.append(...kids);
    return node;
  };
  const button = (textContent, onclick, kind = "") => el("button", { type: "button", className: "btn " + kind, textContent, onclick });
  const dialog = (className, label, ...kids) => {
    const box = el("dialog", { className }, ...kids);
    box.setAttribute("aria-label", label);
    on("close", () => box.remove(), box);
    body.append(box);
    box.showModal();
    return box;
  };
  doc.documentElement.classList.add("js");

  // Input methods (IR-35): nothing acts while a word is being composed, nor one tick after. Others listen to sr:input.
  let composing = false;
  const typed = (input) => input.dispatchEvent(new CustomEvent("sr:input", { bubbles: true }));
  on("compositionstart", () => { composing = true; }, doc, true);
  on("compositionend", (e) => setTimeout(() => { composing = false; typed(e.target); }, 30), doc, true);
  on("input", (e) => { if (composing || e.isComposing) e.stopImmediatePropagation(); else typed(e.target); }, doc, true);
  on("keydown", (e) => {
    if (!composing && !e.isComposing && e.keyCode !== 229) return;
    e.stopImmediatePropagation();
    if (e.key === "Enter") e.preventDefault();
  }, doc, true);

  // What went wrong is said in one place; the form stays as it is (IR-2).
  function say(text, link) {
    const old = $("#notices .js-said");
    if (old) old.remove();
    const banner = el("div", { className: "banner banner-bad js-said" }, el("span", { className: "mark t-bad", textContent: "✗" }), el("div", {}, text, link || ""));
    banner.setAttribute("role", "alert");
    $("#notices").append(banner);
    banner.scrollIntoView({ block: "nearest" });
  }
  const expired = () => say("登录已过期，没有办成；填的内容还在。", el("a", { href: "/login/", target: "_blank", textContent: "在新窗口登录，再回来接着办" }));
  on("htmx:sendError htmx:timeout", () => say("网络断开，没有办成；填的内容还在，请再点一次。"));
  on("htmx:responseError", (e) => {
    const code = e.detail.xhr.status;
    if (code === 401) return expired();
    say(({ 403: "页面太久没动，或者岗位不符，没有办成；请刷新后再试。", 404: "这一项已不在您的办理范围内，请刷新页面。", 429: "点得太快，请过一分钟再试。" })[code] ||
      "系统出错（" + code + "），没有办成；填的内容还在，请过一分钟再试。");
  });
  on("htmx:afterSettle", (e) => {
    const goal = $("#error-summary", e.detail.elt) || $("[data-focus],#confirm-title", e.detail.elt);
    if (goal) goal.focus();
  });
  if ($("#error-summary")) {
    if (!doc.title.startsWith("有错误")) doc.title = "有错误：" + doc.title;
    $("#error-summary").focus();
  }

  // Submit once (IR-8): a second press is swallowed; the button stays, and wakes when the page comes back.
  const release = (form) => {
    delete form.dataset.sent;
    $$("[aria-busy]", form).forEach((b) => b.removeAttribute("aria-busy"));
  };
  on("submit", (e) => {
    const form = e.target;
    if (e.defaultPrevented) return;
    if (form.dataset.sent) return e.preventDefault();
    form.dataset.sent = 1;
    if (form.csrfmiddlewaretoken) form.csrfmiddlewaretoken.value = csrf();
    (e.submitter || form).setAttribute("aria-busy", "true");
    if (form.method === "get") setTimeout(release, 3000, form);
  });
  on("pageshow", (e) => { if (e.persisted) $$("form[data-sent]").forEach(release); }, window);

  // Drafts save themselves (IR-6); where another has changed the same field, the person chooses (IR-7).
  $$("form[data-autosave]").forEach((form) => {
    const dirty = new Map(), base = new Map(), kept = new Map(), status = $("#save-status");
    let timer = 0, wait = 2000, busy = false, held = null;
    const show = (textContent, className) => { if (status) Object.assign(status, { textContent, className }); };
    const plan = (ms) => { clearTimeout(timer); timer = setTimeout(save, ms); };
    const note = (e) => {
      const { name, type, value } = e.target;
      if (!name || type === "file") return;
      const now = /checkbox|radio/.test(type) ? $$("input:checked", form).filter((i) => i.name === name).map((i) => i.value).join(",") : value;
      if (kept.get(name) === now && !dirty.has(name)) return;
      dirty.set(name, now);
      plan(e.type === "change" ? 0 : wait);
    };
    const send = ([field, value], keepalive) => fetch(form.dataset.autosave, {
      ...same, keepalive, method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() },
      body: JSON.stringify({ field, value, base_version: base.get(field) || form.dataset.version || "0" })
    });
    async function save() {
      if (busy || !dirty.size || form.dataset.sent) return;
      busy = true;
      show("正在保存…", "");
      try {
        for (const [field, value] of Array.from(dirty)) {
          if (held) break;
          const answer = await send([field, value], false);
          if (answer.redirected || (!answer.ok && answer.status !== 409)) throw answer;
          const told = await answer.json();
          base.set(field, told.version);
          if (form.base_version) form.base_version.value = Math.max(form.base_version.value, told.version);
          kept.set(field, value);
          if (dirty.get(field) === value) dirty.delete(field);
          if (!told.conflict) continue;
          held = null;
          choose(told.conflict);
        }
        wait = 2000;
        if (!dirty.size) show("✓ 已保存 " + new Date().toTimeString().slice(0, 8), "ok");
      } catch (why) {
        if (why.redirected || why.status === 401) expired();
        wait = Math.min(wait * 2, 60000);
        show("▲ " + dirty.size + " 处未保存，恢复后自动重试", "bad");
      }
      busy = false;
      if (held) held();
      else if (dirty.size) plan(wait);
    }
    // The whole page waits for the field that is on its way: or it would be refused as changed meanwhile, by itself.
    on("submit", (e) => {
      if (!busy || e.defaultPrevented) return;
      e.preventDefault();
      if (held) return;
      const go = held = () => {
        if (held !== go) return;
        held = null;
        busy = false;
        form.requestSubmit(e.submitter);
      };
      setTimeout(go, 5000);
    }, form);
    function choose({ field, mine, theirs }) {
      const input = $("[name=\"" + field + "\"]", form);
      const put = (value) => { if (/checkbox|radio/.test(input.type)) input.checked = input.value === value; else input.value = value; };
      const pick = (value) => () => { put(value); dirty.set(field, value); box.remove(); plan(0); };
      const box = el("div", { className: "choose" }, "这一项刚被别人改过，请选一个：", button("用我填的：" + mine, pick(mine), "btn-small"), button("用对方的：" + theirs, pick(theirs), "btn-small"));
      box.setAttribute("role", "alert");
      (input.closest(".field") || form).append(box);
    }
    on("sr:input change", note, form);
    on("online", () => plan(0), window);
    on("pagehide", () => { if (!form.dataset.sent) dirty.forEach((value, field) => send([field, value], true)); }, window);
    on("beforeunload", (e) => { if (dirty.size && wait > 2000 && !form.dataset.sent) e.preventDefault(); }, window);
  });

  // Keys (IR-27), which each person can switch off.
  const close = (menu) => { menu.open = false; };
  on("keydown", (e) => {
    const at = e.target, menu = $("details.menu[open]");
    if (e.key === "Escape" && menu) { close(menu); $("summary", menu).focus(); }
    // A field that stands beside its form, with a button of its own: Enter presses that one.
    const beside = e.key === "Enter" && !e.ctrlKey && at.matches(".card input[form]:not([type=file],[type=checkbox])") && $("button[form]", at.closest(".card"));
    if (beside) { e.preventDefault(); beside.click(); }
    if (!("keys" in body.dataset) || e.altKey || e.metaKey || e.shiftKey) return;
    const form = e.ctrlKey && e.key === "Enter" && (at.closest("form[data-primary]") || $("#confirm form,form[data-primary]"));
    if (form) form.requestSubmit($(".btn-primary,.btn-danger", form));
    if (e.ctrlKey || at.matches("input,select,textarea")) return;
    const list = at.closest("[data-rows]") || $("[data-rows]");
    const links = list ? $$("tr > :first-child a, li a", list).filter((a) => a.closest("tbody,li")) : [];
    const here = links.findIndex((a) => a.closest("tr,li").contains(at));
    const goal = e.code === "Slash" ? $("[data-search]") : /^[1-9]$/.test(e.key) ? $("[data-block=\"" + e.key + "\"]") :
      links[{ ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: links.length - 1 }[e.key]];
    if (!goal || at.closest("dialog")) return;
    e.preventDefault();
    if (goal.dataset.block) goal.tabIndex = -1;
    goal.focus();
  });
  on("click", (e) => {
    $$("details.menu[open]").filter((menu) => !menu.contains(e.target)).forEach(close);
    const hit = e.target.closest("[data-print],[data-full],[data-fill],[data-drawer],[data-viewer] [data-note]");
    if (!hit) return;
    const { fill, drawer } = hit.dataset;
    if ("print" in hit.dataset) return window.print();
    if ("full" in hit.dataset) return $("main").requestFullscreen().catch(() => say("这台设备不能全屏显示，请按 F11。"));
    if (fill) {
      const box = doc.getElementById(fill);
      box.value = hit.textContent;
      return box.focus();
    }
    if (!window.HTMLDialogElement) return;
    e.preventDefault();
    if (!drawer) return view(hit);
    const nav = doc.getElementById(drawer).cloneNode(true);
    nav.removeAttribute("id");
    const box = dialog("drawer", "菜单", button("收起菜单", () => box.close()), nav);
  });

  // Evidence (2.3): turn, rotate, enlarge, without leaving the page.
  function view(link) {
    const all = $$("[data-note]", link.closest("[data-viewer]")), img = el("img"), text = el("p");
    let at = all.indexOf(link), angle = 0;
    const turn = (by) => { img.style.transform = "rotate(" + (angle = by) + "deg)"; };
    const show = (step) => {
      at = (at + step + all.length) % all.length;
      turn(0);
      Object.assign(img, { src: all[at].href, alt: all[at].textContent });
      text.textContent = at + 1 + " / " + all.length + "　" + img.alt + "　" + all[at].dataset.note;
    };
    show(0);
    text.setAttribute("aria-live", "polite");
    const box = dialog("viewer", "看影像", el("div", { className: "acts" },
      button("看上一张", () => show(-1)), button("看下一张", () => show(1)), button("旋转影像", () => turn(angle + 90)),
      button("放大或还原", () => box.classList.toggle("zoom")), button("关闭影像", () => box.close(), "btn-primary")),
    text, el("div", { className: "pane", tabIndex: 0 }, img));
    on("keydown", (e) => { if (/^Arrow(Left|Right)$/.test(e.key)) show(e.key === "ArrowLeft" ? -1 : 1); }, box);
  }

  // Photos (IR-20…22): large ones are shrunk, or go as they are; one bar a file; the slot is then read anew.
  async function shrink(file) {
    if (file.size < 600 * 1024 || !/^image/.test(file.type)) return file;
    try {
      const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, 1600 / Math.max(bitmap.width, bitmap.height));
      const canvas = el("canvas", { width: bitmap.width * scale, height: bitmap.height * scale });
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.7));
      return blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: blob.type }) : file;
    } catch (e) { return file; }
  }
  const post = (form, data, progress) => new Promise((done) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", form.action);
    xhr.upload.onprogress = (e) => progress(e.loaded / e.total);
    xhr.onloadend = () => done(xhr);
    xhr.send(data);
  });
  // Photos wait in the browser until the server has them (IR-20, IR-32): a reload, a dead line or an
  // empty battery loses none. Nothing else is kept there, and signing out empties it.
  const waiting = (mode, act) => new Promise((done) => {
    try {
      const open = indexedDB.open("photos", 1);
      open.onupgradeneeded = () => open.result.createObjectStore("waiting", { autoIncrement: true });
      open.onerror = () => done(null);
      open.onsuccess = () => {
        const ask = act(open.result.transaction("waiting", mode).objectStore("waiting"));
        ask.onsuccess = () => { done(ask.result); open.result.close(); };
        ask.onerror = () => done(null);
      };
    } catch (e) { done(null); }
  });
  const who = body.dataset.who || "";
  const slotOf = (form) => (form.elements.slot ? form.elements.slot.value : "");
  async function resume() {
    const keys = (await waiting("readonly", (s) => s.getAllKeys())) || [], all = (await waiting("readonly", (s) => s.getAll())) || [];
    for (const [i, kept] of all.entries()) {
      if (kept.who !== who) continue;
      const form = $$("form[data-upload]").find((f) => f.action === kept.action && slotOf(f) === kept.slot);
      if (!form) continue;
      say("接着上传上次没有传完的照片：" + kept.file.name);
      const row = listOf(form).appendChild(el("li", { textContent: kept.file.name }));
      if (await upload(form, kept.file, row, { key: keys[i], at: kept.at, spot: kept.spot })) renew(form);
    }
  }
  const listOf = (form) => $(".files", form.parentNode) || form.parentNode.insertBefore(el("ul", { className: "files" }), form);
  // Where the picture is taken, if whoever takes it allows that; nobody waits long for it.
  const here = () => new Promise((done) => {
    setTimeout(done, 5000, "");
    if (!navigator.geolocation || !matchMedia("(pointer: coarse)").matches) return done("");
    navigator.geolocation.getCurrentPosition(({ coords: c }) => done([c.latitude.toFixed(5), c.longitude.toFixed(5), Math.round(c.accuracy)].join(",")), () => done(""), { timeout: 5000, maximumAge: 60000 });
  });
  async function upload(form, file, row, kept) {
    const bar = el("progress", { max: 1, value: 0 }), text = el("span", { textContent: "正在准备" });
    bar.setAttribute("aria-label", "上传 " + file.name);
    row.replaceChildren(file.name, bar, text);
    const data = new FormData(form), small = kept ? file : await shrink(file), at = kept ? kept.at : new Date(file.lastModified).toISOString();
    ["photo", "files"].forEach((name) => data.delete(name));
    data.append("files", small, small.name);
    data.append("taken_at", at);
    const spot = kept ? kept.spot : await here();
    if (spot) data.append("place", spot);
    const key = kept ? kept.key : await waiting("readwrite", (s) => s.add({ who, action: form.action, slot: slotOf(form), file: small, at, spot }));
    const forget = () => key && waiting("readwrite", (s) => s.delete(key));
    for (const pause of [2000, 5000, 0]) {
      const xhr = await post(form, data, (done) => { bar.value = done; text.textContent = Math.round(done * 100) + "%"; });
      if (/\/login\//.test(xhr.responseURL)) { expired(); break; }
      if (xhr.status && xhr.status < 400) { await forget(); return true; }
      if (xhr.status && xhr.status < 500) {
        await forget();
        text.textContent = "✗ " + (/^text\/plain/.test(xhr.getResponseHeader("Content-Type")) ? xhr.responseText : "这个文件没有收下，请换一张");
        return false;
      }
      await new Promise((go) => setTimeout(go, pause));
    }
    text.textContent = "▲ 没有传上";
    row.append(button("再传一次", () => upload(form, small, row, { key, at, spot }).then((ok) => ok && renew(form)), "btn-small"));
    return false;
  }
  async function renew(form) {
    const slot = form.closest(".slot");
    if (!slot) return location.reload();
    const page = await (await fetch(location.href, same)).text();
    const fresh = new DOMParser().parseFromString(page, "text/html").getElementById(slot.id);
    if (!fresh) return;
    slot.replaceWith(fresh);
    $("input[type=file]", fresh).focus({ preventScroll: true });
  }
  on("change", async (e) => {
    const form = e.target.form;
    if (e.target.type !== "file" || !form || !("upload" in form.dataset)) return;
    const list = listOf(form);
    const rows = Array.from(e.target.files, (file) => [file, list.appendChild(el("li", { textContent: file.name }))]);
    e.target.value = "";
    let whole = rows.length > 0;
    for (const [file, row] of rows) whole = await upload(form, file, row) && whole;
    if (whole) renew(form);
  });

  resume();
  on("submit", (e) => { if (/\/logout\/$/.test(e.target.action)) indexedDB.deleteDatabase("photos"); });

  // The session (IR-31): a word at 25 minutes, in every tab at once; what is on the page stays.
  const { idle, keep } = body.dataset;
  if (!idle) return;
  let since = Date.now(), box = null;
  const tabs = new BroadcastChannel("session");
  const alive = () => { since = Date.now(); if (box) box.close(); box = null; };
  const tell = () => { alive(); tabs.postMessage(1); };
  const go = () => fetch(keep, { ...same, method: "POST", headers: { "X-CSRFToken": csrf() } }).then((r) => { tell(); if (r.redirected || !r.ok) expired(); }, () => { alive(); say("网络断开，请检查网络后再试。"); });
  tabs.onmessage = alive;
  on("htmx:afterOnLoad", tell);
  tell();
  setInterval(() => {
    if (box || Date.now() - since < idle * 1000) return;
    box = dialog("", "登录快到期了", el("h2", { textContent: "还在办理吗？" }), el("p", { textContent: "页面已很久没有动，再过 5 分钟会退出登录；填的内容不会丢。" }),
      el("div", { className: "acts" }, button("继续办理", go, "btn-primary")));
    on("cancel", go, box);
  }, 5000);
  // The desk: before the person asks, the next case is there; only the middle of the page changes.
  const ready = new Map();
  const page = async (url) => (await fetch(url, { ...same, headers: { Accept: "text/html" } })).text();
  const ahead = () => $$("a[data-swap=next]").forEach((a) => ready.has(a.href) || ready.set(a.href, page(a.href).catch(() => ready.delete(a.href))));
  async function show(url, isBack) {
    const kept = await ready.get(url), text = typeof kept === "string" ? kept : await page(url);
    ready.clear();
    const fresh = new DOMParser().parseFromString(text, "text/html"), main = $("main", fresh);
    if (!main || !$("[data-swap]", fresh)) return location.assign(url);
    $("main").replaceWith(main);
    document.title = fresh.title;
    scrolling(main);
    $$("header input[name=next]").forEach((input) => { input.value = new URL(url, location).pathname; });
    if (!isBack) history.pushState({ swap: 1 }, "", url);
    const h1 = $("h1", main);
    h1.tabIndex = -1;
    h1.focus();
    (window.requestIdleCallback || setTimeout)(ahead);
  }
  on("click", (e) => {
    const a = e.target.closest("a[data-swap]");
    if (!a || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    e.preventDefault();
    show(a.href).catch(() => location.assign(a.href));
  });
  if ($("a[data-swap]")) {
    (window.requestIdleCallback || setTimeout)(ahead);
    addEventListener("popstate", () => show(location.href, true).catch(() => location.reload()));
  }
  // A table wider than the screen can be scrolled from the keyboard too.
  const scrolling = (at) => $$(".table-wrap", at).forEach((w) => { if (w.scrollWidth > w.clientWidth) w.tabIndex = 0; });
  scrolling(doc);
})();
