package quote

// The words of attributions, in lower case but for the openings, which stand at the beginning.
var (
	openings = words("On", "Op", "Am", "Le", "El", "Il", "Em", "Den", "På", "Dnia", "At", "在", "Στις", "Vào", "Pada", "W dniu", "In data")
	verbs    = words("wrote", "writes", "schreef", "schreven", "schrijft", "geschreven", "schrieb", "schrieben", "schreibt", "geschrieben",
		"écrit", "escribió", "escribio", "scritto", "escreveu", "skrev", "skriver", "pisze", "napisał", "napisała", "napisał(a)", "napisali",
		"kirjoitti", "napsal", "napsala", "napsal(a)", "napísal", "napísal(a)", "írta", "yazdı", "scris", "написал", "написала", "написал(а)",
		"пишет", "пише", "написав", "写道", "寫道", "написа", "napisao", "έγραψε",
		"viết", "menulis", "kirjutas", "rašė", "rakstīja", "escriure", "sent")
	inverted         = words("schreef", "schrijft", "schrieb", "schreibt", "skrev", "skriver")
	auxiliaries      = words("heb", "heeft", "hebben", "hebt", "had", "habe", "haben", "hat", "avez", "ha")
	datePrepositions = words("on", "op", "at", "om", "am", "le", "el", "il", "den")
	persons          = words("ik", "wij", "we", "u", "jij", "je", "jullie", "hij", "zij", "ze", "men", "ich", "wir", "sie", "du", "er", "i", "you",
		"he", "she", "they", "nous", "vous", "tu", "il", "elle", "yo", "usted", "ustedes", "jeg", "jag", "dere",
		"io", "noi", "lei", "eu", "nós", "você")
	objects = words("mij", "me", "ons", "u", "us", "mir", "uns", "ihnen", "to", "dat", "that", "dass", "nos", "le", "naar", "aan", "til", "till")
	// addressees are who a program means by the one that it answers.
	addressees = words("you", "u", "je", "jij", "sie", "du", "vous", "tu", "usted", "lei", "ni", "você")

	titles = words("herr", "frau", "meneer", "mevrouw", "dhr", "mevr", "de heer", "mr", "mrs", "ms", "monsieur", "madame", "señor", "señora",
		"signor", "signora", "pan", "pani", "herrn")
	particles  = words("van", "de", "der", "den", "von", "zu", "di", "da", "del", "della", "du", "des", "la", "le", "via", "e", "y", "af", "och", "og")
	connectors = words("om", "um", "uhr", "at", "à", "às", "kl", "klo", "a", "las", "alle", "ore", "o", "godz", "het", "volgende", "heeft", "hat",
		"ha", "folgendes", "from", "by", "door", "von", "par", "por", "от", "в", "г", "р", "пользователь", "użytkownik", "odesílatel", "v",
		"keltezéssel", "ezt", "şunu", "am", "on", "op", "den", "le", "il", "el", "pm", "uur")
	// months are the names of those that stand before the number.
	months = words("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
	days   = words("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
		"maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag", "ma", "di", "wo", "do", "vr", "za", "zo",
		"montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "mo", "mi", "fr", "sa", "so",
		"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "lun", "mar", "mer", "jeu", "ven", "sam", "dim",
		"lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo", "mié", "jue", "vie", "sáb", "dom",
		"lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica", "gio", "sab",
		"mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag", "man", "tir", "tirs", "ons", "tor", "tors", "fre", "lør", "søn",
		"måndag", "tisdag", "lördag", "söndag", "mån", "tis", "lör", "sön", "ti", "ke", "to", "pe", "la", "su", "po", "út", "st", "čt", "pá", "ne",
		"wt", "śr", "czw", "pt", "sob", "ndz", "niedz", "pon", "seg", "ter", "qua", "qui", "sex")
)
