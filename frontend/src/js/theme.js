// Light, dark, or as the system says. The choice is a cookie, so that the server renders it and nothing flashes.
const COOKIE = "eigenform_theme";
const YEAR_SECONDS = 365 * 24 * 60 * 60;

export function themeSwitch() {
  return {
    choose(event) {
      const theme = event.currentTarget.value;
      const root = document.documentElement;
      if (theme === "auto") {
        root.removeAttribute("data-bs-theme");
        document.cookie = `${COOKIE}=; path=/; max-age=0; samesite=lax`;
      } else {
        root.setAttribute("data-bs-theme", theme);
        document.cookie = `${COOKIE}=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
      }
      document.dispatchEvent(new CustomEvent("eigenform:theme"));
    },
  };
}
