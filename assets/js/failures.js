// Where it fails: a clicked bar or error filters the table of answers; once more shows all again.
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-key]');
  if (!button) return;
  const again = button.getAttribute('aria-pressed') === 'true';
  for (const other of element.querySelectorAll('button[data-key]')) {
    other.setAttribute('aria-pressed', other === button && !again);
  }
  trigger('picked', { key: again ? '' : button.dataset.key });
});
