// Replacements for what a page inside another site's iframe may lack: storage, downloads, windows.
// This script runs in the head, before Gradio's. If the browser blocks storage, reading it throws an
// error, which would stop Gradio. Scripts that use `localStorage` or `sessionStorage` get the
// constants below; `window.localStorage` is unchanged.
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

// A link that opens this page in a window of its own.
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

  // A message at the bottom of the page; a new one replaces it.
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

  // A script cannot detect whether the embedding page allows downloads, so the message says “if”.
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
    const opened = window.open(link.href, '_blank');  // null if the embedding page forbids it
    if (opened) {
      opened.opener = null;
      return;
    }
    const address = document.createElement('code');
    address.textContent = link.href;
    tell(say('The page that embeds this one does not allow new windows. Copy the address:'), address);
  });
}
