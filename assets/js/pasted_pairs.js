// The box for own pairs: a paste that replaces all of its text asks for proposed settings.
// `kept` is what the paste leaves of the text before; the server knows the example.
const LONGEST = 2000; // characters of `kept` that are sent: the example is shorter

document.addEventListener('paste', ({ target }) => {
  if (!target.matches?.('.pairs-box textarea')) return;
  const { value, selectionStart, selectionEnd } = target;
  const kept = value.slice(0, selectionStart) + value.slice(selectionEnd);
  if (kept.length > LONGEST) return;
  setTimeout(() => { // the browser has inserted the text, if there was any, and the page has read it
    if (target.value !== value) trigger('pasted', { kept });
  });
});
