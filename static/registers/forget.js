// On the sign-in page nobody is signed in: forget the pages that were kept for when the network is gone.
// Marks that wait stay; they hold no name, and only the person who made them sends them.

if ('caches' in window) caches.delete('registers-pages');
