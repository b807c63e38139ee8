// Examples to click: each button carries its text; the sequence box takes it.
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-text]');
  if (button) trigger('picked', { text: JSON.parse(button.dataset.text) });
});
