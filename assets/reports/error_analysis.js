// A bar or an error shows only its answers in the table of the same set; once more, all of them.
for (const section of document.querySelectorAll('.set')) {
  section.addEventListener('click', event => {
    const button = event.target.closest('[data-key]');
    if (!button) return;
    const again = button.getAttribute('aria-pressed') === 'true';
    for (const other of section.querySelectorAll('[data-key]')) {
      other.setAttribute('aria-pressed', other === button && !again);
    }
    for (const row of section.querySelectorAll('[data-keys]')) {
      row.hidden = !again && !JSON.parse(row.dataset.keys).includes(button.dataset.key);
    }
  });
}
