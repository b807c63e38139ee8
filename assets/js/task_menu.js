// Examples to click: a button inserts its text into the sequence box.
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-text]');
  if (button) trigger('picked', { text: JSON.parse(button.dataset.text) });
});
