// Says in words when a browser could not use a passkey; django-allauth's script only writes to the console.

const place = document.querySelector('[data-passkey-fault]')

if (!window.PublicKeyCredential) {
  document.querySelectorAll('[data-passkey]').forEach((part) => { part.hidden = true })
}
document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  if (!place) return
  place.textContent = place.dataset.passkeyFault
  place.hidden = false
})
