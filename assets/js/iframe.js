// What a page inside another site's iframe may lack: storage, downloads, new windows.
// Runs in the head, before Gradio's own scripts. Storage blocked by the browser throws as soon as
// it is read, and Gradio would stop at its first reading. Every script that says `localStorage`
// or `sessionStorage` finds these constants; `window.localStorage` stays as the browser has it.
const { localStorage, sessionStorage } = (() => {
  const inMemory = () => {
    const items = new Map();
    return {
      getItem: key => items.get(String(key)) ?? null,
      setItem: (key, value) => { items.set(String(key), String(value)); },
      removeItem: key => { items.delete(String(key)); },
      clear: () => items.clear(),
      key: index => [...items.keys()][index] ?? null,
      get length() { return items.size; },
    };
  };
  const usable = name => {
    try {
      window[name].setItem('seq2seq-probe', '');
      window[name].removeItem('seq2seq-probe');
      return window[name];
    } catch {
      document.documentElement.dataset.storage = 'blocked';
      return inMemory();
    }
  };
  return { localStorage: usable('localStorage'), sessionStorage: usable('sessionStorage') };
})();

// The address of this page without the embedding one, as a link that opens it in a window.
window.aloneLink = () => {
  const link = document.createElement('a');
  link.href = location.href;
  link.target = '_blank';
  link.rel = 'noopener';
  link.textContent = say('Open the lab in its own window');
  return link;
};

if (window.self !== window.top) {
  document.documentElement.dataset.embedded = '';

  // A sentence at the lower edge of the page; a new one replaces it.
  let bar = null;
  const tell = (sentence, ...more) => {
    bar?.remove();
    bar = document.createElement('p');
    bar.className = 'embedded-note';
    bar.setAttribute('role', 'status');
    const close = document.createElement('button');
    close.type = 'button';
    close.textContent = '×';
    close.setAttribute('aria-label', say('Close'));
    close.addEventListener('click', () => bar.remove());
    bar.append(sentence, ' ', ...more, ' ', close);
    document.body.append(bar);
  };

  // No script can ask whether the embedding page allows a download, so the sentence is conditional.
  window.tellOfDownload = () => tell(
    say('If no file arrives, the page that embeds this one does not allow downloads.'), window.aloneLink());

  document.addEventListener('click', event => {
    if (event.target.closest('a[download], .modebar-btn[data-title*="PNG"], .modebar-btn[data-title*="SVG"]')) {
      window.tellOfDownload();
      return;
    }
    const link = event.target.closest('a[target=_blank]');
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const opened = window.open(link.href, '_blank');  // null where the embedding page forbids it
    if (opened) {
      opened.opener = null;
      return;
    }
    const address = document.createElement('code');
    address.textContent = link.href;
    tell(say('The page that embeds this one does not allow new windows. Copy the address:'), address);
  });
}
