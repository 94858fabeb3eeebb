// Runs only where modules do not (Excel 2016 and 2019 show the pane in Internet Explorer): old JavaScript, no module.
document.getElementById("opening").hidden = true;
document.getElementById("opening").style.display = "none";
document.getElementById("too-old").removeAttribute("hidden");
