export const preferencesKey = 'weir-preferences';

/** Runs before the first paint, inline (its hash is in the CSP of the page): sets the theme that was chosen. */
export const themeScript = `try{var t=JSON.parse(localStorage.getItem('${preferencesKey}')||'{}').theme;if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch(e){}`;
