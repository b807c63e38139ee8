// Shows why the microphone is not available, if the browser reports it in advance.
const place = element.querySelector('.microphone');
const instead = say('You can upload ten .wav files instead.');
if (document.featurePolicy && !document.featurePolicy.allowsFeature('microphone')) {
  place.replaceChildren(say('The page that embeds this one does not allow the microphone.'), ' ',
    window.aloneLink(), '. ', instead);
} else if (!navigator.mediaDevices?.getUserMedia) {
  const why = say('This browser does not give this page access to a microphone. Open the page '
      + 'over https, or run the lab on your own computer.');
  place.textContent = `${why} ${instead}`;
} else {
  navigator.permissions?.query({ name: 'microphone' }).then(state => {
    const why = say('The microphone is blocked for this page: allow it in the browser’s settings '
        + 'for this site.');
    const tell = () => {
      place.textContent = state.state === 'denied' ? `${why} ${instead}` : '';
    };
    state.onchange = tell;
    tell();
  }).catch(() => {});
}
