// Additions to Gradio's page. Runs once when the page has loaded.
() => {
  // The radio buttons of a group get a common name, so that arrow keys move between them and the
  // tab key skips them as one. The label becomes the accessible name of the group.
  function nameGroups() {
    for (const group of document.querySelectorAll('fieldset:not([aria-label])')) {
      const radios = group.querySelectorAll('input[type=radio]');
      const question = group.querySelector('[data-testid=block-info]');
      group.setAttribute('aria-label', question ? question.textContent.trim() : say('Choose one'));
      group.dataset.name = `group-${radios[0]?.name || Math.random()}`;
    }
    for (const radio of document.querySelectorAll('fieldset[data-name] input[type=radio]')) {
      const { name } = radio.closest('fieldset').dataset;
      if (radio.name !== name) radio.name = name;
    }
  }

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; nameGroups(); });
  }).observe(document.body, { childList: true, subtree: true });
  nameGroups();

  // A message on the whole page while the server sleeps or restarts. Since a single request may
  // fail, the server is checked again first, and then until it answers.
  const ASLEEP = [502, 503, 504];
  const again = 5000; // ms
  const send = window.fetch;
  const bar = document.createElement('p');
  bar.className = 'asleep';
  bar.setAttribute('role', 'status');
  document.body.append(bar);
  let asking = false;

  async function answers() {
    try {
      return !ASLEEP.includes((await send('health', { cache: 'no-store' })).status);
    } catch {
      return false;
    }
  }

  async function waitForServer() {
    if (asking) return;
    asking = true;
    await new Promise(done => setTimeout(done, 1000)); // leaving the page fails requests, too
    while (!await answers()) {
      if (!bar.firstChild) {
        const link = document.createElement('a');
        link.href = location.href;
        link.textContent = say('Open this page again');
        bar.append(say('The server does not answer: it may be asleep or restarting. This page keeps trying.'), ' ', link);
      }
      await new Promise(done => setTimeout(done, again));
    }
    bar.replaceChildren();
    asking = false;
  }

  window.fetch = async (...asked) => {
    try {
      const response = await send(...asked);
      if (ASLEEP.includes(response.status)) waitForServer();
      return response;
    } catch (problem) {
      if (problem.name !== 'AbortError') waitForServer();
      throw problem;
    }
  };

  // A long table shows its first rows, and the others after a click.
  document.addEventListener('click', event => {
    const more = event.target.closest?.('.more-rows');
    if (!more) return;
    const table = more.previousElementSibling;
    const [first] = table.querySelectorAll('tbody tr:nth-child(n+11)');
    table.classList.remove('short');
    more.remove();
    first.tabIndex = -1; // keyboard users continue at the first new row
    first.focus({ preventScroll: true });
  });

  // A model's file may be dropped anywhere, a table where the box for pairs is in view; no dropped
  // file replaces the page.
  const TAKES = { '.open-file': /\.safetensors$/, '.pairs-buttons': /\.(csv|tsv|txt)$/i };
  addEventListener('dragover', event => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  });
  addEventListener('drop', event => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    for (const [place, ending] of Object.entries(TAKES)) {
      const taken = [...event.dataTransfer.files].find(file => ending.test(file.name));
      const input = document.querySelector(`${place} input[type=file]`);
      const isModel = place === '.open-file';
      if (!taken || !input || !(isModel || input.closest(place).checkVisibility())) continue;
      const files = new DataTransfer();
      files.items.add(taken);
      input.files = files.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
      return;
    }
  });

  // A newly selected tab is shown from its top.
  for (const tabs of document.querySelectorAll('[role=tablist]')) {
    new MutationObserver(() => { if (tabs.getBoundingClientRect().top < 0) scrollTo(0, 0); })
      .observe(tabs, { subtree: true, attributeFilter: ['aria-selected'] });
  }

  // Each tab is an entry in the browser's history, and a reload opens the same tab.
  const TAB = /^tab-(\w+)-button$/;
  const chosen = () => TAB.exec(document.querySelector('.page-tabs [role=tab][aria-selected=true]')?.id)?.[1];
  const asked = () => new URLSearchParams(location.search).get('tab');
  const remember = () => {
    const tab = chosen();
    if (!tab || tab === (asked() || 'sequence')) return;
    const address = new URL(location.href);
    address.searchParams.set('tab', tab);
    // A tab that the page itself opens is no entry in the history.
    const step = navigator.userActivation?.hasBeenActive ? 'pushState' : 'replaceState';
    history[step](history.state, '', address);
  };
  const pageTabs = document.querySelector('.page-tabs [role=tablist]');
  if (pageTabs) {
    new MutationObserver(remember).observe(pageTabs, { subtree: true, attributeFilter: ['aria-selected'] });
  }
  addEventListener('popstate', () => {
    document.getElementById(`tab-${asked() || 'sequence'}-button`)?.click();
  });
}
