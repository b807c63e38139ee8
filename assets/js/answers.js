// The table of answers: a row's button opens its source on “Look inside”.
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-source]');
  if (button) trigger('opened', { text: JSON.parse(button.dataset.source) });
});
