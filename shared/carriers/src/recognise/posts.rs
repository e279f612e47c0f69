//! Which post gives the S10 numbers of a country.
//!
//! The countries are those whose designated operators have S10 codes with the
//! Universal Postal Union. A post that has no module of its own is known by
//! sight only.

use super::sight::Post;

const NONE: u8 = u8::MAX;

/// The post of each country, by its ISO 3166-1 alpha-2 code, in that order.
pub(super) const POSTS: &[Post] = &[
    post("AE", "emirates_post", "Emirates Post"),
    post("AF", "afghan_post", "Afghan Post"),
    post("AG", "antigua_postal_services", "Antigua Postal Services"),
    post("AL", "posta_shqiptare", "Posta Shqiptare"),
    post("AM", "haypost", "Haypost"),
    post("AO", "correios_de_angola", "Correios de Angola"),
    post("AR", "correo_argentino", "Correo Argentino"),
    post("AT", "austrian_post", "Austrian Post"),
    post("AU", "australia_post", "Australia Post"),
    post("AZ", "azerpost", "Azerpost"),
    post("BA", "bh_posta", "BH Pošta"),
    post("BB", "barbados_postal_service", "Barbados Postal Service"),
    post("BD", "bangladesh_post_office", "Bangladesh Post Office"),
    post("BE", "bpost", "bpost"),
    post("BF", "la_poste_burkina_faso", "La Poste Burkina Faso"),
    post("BG", "bulgarian_posts", "Bulgarian Posts"),
    post("BH", "bahrain_post", "Bahrain Post"),
    post("BI", "poste_du_burundi", "Poste du Burundi"),
    post("BJ", "la_poste_du_benin", "La Poste du Bénin"),
    post("BN", "brunei_postal_services", "Brunei Postal Services"),
    post("BO", "correos_de_bolivia", "Correos de Bolivia"),
    post("BR", "correios_brazil", "Correios Brazil"),
    post("BS", "bahamas_postal_service", "Bahamas Postal Service"),
    post("BT", "bhutan_post", "Bhutan Post"),
    post("BW", "botswanapost", "BotswanaPost"),
    post("BY", "belpochta", "Belpochta"),
    post("BZ", "belize_postal_service", "Belize Postal Service"),
    post("CA", "canada_post", "Canada Post"),
    post("CD", "poste_du_congo_kinshasa", "Poste du Congo Kinshasa"),
    post("CF", "poste_centrafrique", "Poste Centrafrique"),
    post("CG", "poste_du_congo", "Poste du Congo"),
    post("CH", "swiss_post", "Swiss Post"),
    post(
        "CI",
        "la_poste_de_cote_d_ivoire",
        "La Poste de Côte d'Ivoire",
    ),
    post("CL", "correos_chile", "Correos Chile"),
    post("CM", "campost", "Campost"),
    post("CN", "china_post", "China Post"),
    post("CO", "4_72_colombia", "4-72 Colombia"),
    post("CR", "correos_de_costa_rica", "Correos de Costa Rica"),
    post("CU", "correos_de_cuba", "Correos de Cuba"),
    post("CV", "correios_de_cabo_verde", "Correios de Cabo Verde"),
    post("CY", "cyprus_post", "Cyprus Post"),
    post("CZ", "ceska_posta", "Česká pošta"),
    post("DE", "dhl_parcel_de", "DHL Parcel DE"),
    post("DJ", "la_poste_de_djibouti", "La Poste de Djibouti"),
    post("DK", "postnord_denmark", "PostNord Denmark"),
    post("DM", "dominica_post", "Dominica Post"),
    post("DO", "inposdom", "Inposdom"),
    post("DZ", "algerie_poste", "Algérie Poste"),
    post("EC", "correos_del_ecuador", "Correos del Ecuador"),
    post("EE", "omniva", "Omniva"),
    post("EG", "egypt_post", "Egypt Post"),
    post("ER", "eritrean_postal_service", "Eritrean Postal Service"),
    post("ES", "correos", "Correos"),
    post("ET", "ethiopian_postal_service", "Ethiopian Postal Service"),
    post("FI", "posti", "Posti"),
    post("FJ", "post_fiji", "Post Fiji"),
    post("FR", "laposte", "La Poste"),
    post("GA", "la_poste_gabon", "La Poste Gabon"),
    post("GB", "royal_mail", "Royal Mail"),
    post(
        "GD",
        "grenada_postal_corporation",
        "Grenada Postal Corporation",
    ),
    post("GE", "georgian_post", "Georgian Post"),
    post("GH", "ghana_post", "Ghana Post"),
    post("GM", "gambia_post", "Gambia Post"),
    post("GN", "poste_guineenne", "Poste guinéenne"),
    post(
        "GQ",
        "correos_de_guinea_ecuatorial",
        "Correos de Guinea Ecuatorial",
    ),
    post("GR", "elta_hellenic_post", "ELTA Hellenic Post"),
    post("GT", "correos_de_guatemala", "Correos de Guatemala"),
    post("GW", "correios_da_guine_bissau", "Correios da Guiné-Bissau"),
    post("GY", "guyana_post_office", "Guyana Post Office"),
    post("HK", "hongkong_post", "Hongkong Post"),
    post("HN", "honducor", "Honducor"),
    post("HR", "hrvatska_posta", "Hrvatska pošta"),
    post(
        "HT",
        "office_des_postes_d_haiti",
        "Office des Postes d'Haïti",
    ),
    post("HU", "magyar_posta", "Magyar Posta"),
    post("ID", "pos_indonesia", "Pos Indonesia"),
    post("IE", "an_post", "An Post"),
    post("IL", "israel_post", "Israel Post"),
    post("IN", "india_post", "India Post"),
    post("IQ", "iraqi_post", "Iraqi Post"),
    post("IR", "iran_post", "Iran Post"),
    post("IS", "islandspostur", "Íslandspóstur"),
    post("IT", "poste_italiane", "Poste Italiane"),
    post("JM", "jamaica_post", "Jamaica Post"),
    post("JO", "jordan_post", "Jordan Post"),
    post("JP", "japan_post", "Japan Post"),
    post("KE", "posta_kenya", "Posta Kenya"),
    post("KG", "kyrgyz_post", "Kyrgyz Post"),
    post("KH", "cambodia_post", "Cambodia Post"),
    post("KI", "kiribati_post", "Kiribati Post"),
    post("KM", "poste_comores", "Poste Comores"),
    post("KN", "st_kitts_and_nevis_post", "St Kitts and Nevis Post"),
    post("KP", "dprk_post", "DPRK Post"),
    post("KR", "korea_post", "Korea Post"),
    post("KW", "kuwait_post", "Kuwait Post"),
    post("KZ", "kazpost", "Kazpost"),
    post(
        "LA",
        "entreprise_des_postes_lao",
        "Entreprise des Postes Lao",
    ),
    post("LB", "libanpost", "LibanPost"),
    post("LC", "saint_lucia_post", "Saint Lucia Post"),
    post("LI", "liechtensteinische_post", "Liechtensteinische Post"),
    post("LK", "sri_lanka_post", "Sri Lanka Post"),
    post("LR", "liberia_post", "Liberia Post"),
    post("LS", "lesotho_post", "Lesotho Post"),
    post("LT", "lietuvos_pastas", "Lietuvos paštas"),
    post("LU", "post_luxembourg", "POST Luxembourg"),
    post("LV", "latvijas_pasts", "Latvijas Pasts"),
    post("LY", "libya_post", "Libya Post"),
    post("MA", "barid_al_maghrib", "Barid Al-Maghrib"),
    post("MC", "laposte", "La Poste"),
    post("MD", "posta_moldovei", "Poșta Moldovei"),
    post("ME", "posta_crne_gore", "Pošta Crne Gore"),
    post("MG", "paositra_malagasy", "Paositra Malagasy"),
    post("MK", "makedonska_posta", "Makedonska Pošta"),
    post("ML", "la_poste_du_mali", "La Poste du Mali"),
    post("MM", "myanmar_post", "Myanmar Post"),
    post("MN", "mongol_post", "Mongol Post"),
    post("MR", "mauripost", "Mauripost"),
    post("MT", "maltapost", "MaltaPost"),
    post("MU", "mauritius_post", "Mauritius Post"),
    post("MV", "maldives_post", "Maldives Post"),
    post("MW", "malawi_posts", "Malawi Posts"),
    post("MX", "correos_de_mexico", "Correos de México"),
    post("MY", "pos_malaysia", "Pos Malaysia"),
    post("MZ", "correios_de_mocambique", "Correios de Moçambique"),
    post("NA", "nampost", "NamPost"),
    post("NE", "niger_poste", "Niger Poste"),
    post("NG", "nigerian_postal_service", "Nigerian Postal Service"),
    post("NI", "correos_de_nicaragua", "Correos de Nicaragua"),
    post("NL", "postnl", "PostNL"),
    post("NO", "bring", "Bring"),
    post("NP", "nepal_post", "Nepal Post"),
    post("NR", "nauru_post", "Nauru Post"),
    post("NZ", "nz_post", "NZ Post"),
    post("OM", "oman_post", "Oman Post"),
    post("PA", "correos_de_panama", "Correos de Panamá"),
    post("PE", "serpost", "Serpost"),
    post("PG", "post_png", "Post PNG"),
    post("PH", "phlpost", "PHLPost"),
    post("PK", "pakistan_post", "Pakistan Post"),
    post("PL", "poczta_polska", "Poczta Polska"),
    post("PT", "ctt", "CTT"),
    post("PY", "correo_paraguayo", "Correo Paraguayo"),
    post("QA", "qatar_post", "Qatar Post"),
    post("RO", "posta_romana", "Poșta Română"),
    post("RS", "posta_srbije", "Pošta Srbije"),
    post("RU", "russian_post", "Russian Post"),
    post("RW", "iposita_rwanda", "Iposita Rwanda"),
    post("SA", "saudi_post", "Saudi Post"),
    post("SB", "solomon_post", "Solomon Post"),
    post("SC", "seychelles_post", "Seychelles Post"),
    post("SD", "sudapost", "Sudapost"),
    post("SE", "postnord_sweden", "PostNord Sweden"),
    post("SG", "singapore_post", "Singapore Post"),
    post("SI", "posta_slovenije", "Pošta Slovenije"),
    post("SK", "slovenska_posta", "Slovenská pošta"),
    post("SL", "sierra_leone_post", "Sierra Leone Post"),
    post("SM", "poste_san_marino", "Poste San Marino"),
    post("SN", "la_poste_senegal", "La Poste Sénégal"),
    post("SO", "somali_post", "Somali Post"),
    post("SR", "surpost", "Surpost"),
    post("SS", "south_sudan_post", "South Sudan Post"),
    post("ST", "correios_de_sao_tome", "Correios de São Tomé"),
    post("SV", "correos_de_el_salvador", "Correos de El Salvador"),
    post("SY", "syrian_post", "Syrian Post"),
    post("SZ", "eswatini_post", "Eswatini Post"),
    post("TD", "poste_du_tchad", "Poste du Tchad"),
    post("TG", "la_poste_du_togo", "La Poste du Togo"),
    post("TH", "thailand_post", "Thailand Post"),
    post("TJ", "tajik_post", "Tajik Post"),
    post("TL", "correios_de_timor_leste", "Correios de Timor-Leste"),
    post("TM", "turkmenpost", "Turkmenpost"),
    post("TN", "la_poste_tunisienne", "La Poste Tunisienne"),
    post("TO", "tonga_post", "Tonga Post"),
    post("TR", "ptt", "PTT"),
    post("TT", "ttpost", "TTPost"),
    post("TV", "tuvalu_post", "Tuvalu Post"),
    post("TZ", "tanzania_posts", "Tanzania Posts"),
    post("UA", "ukrposhta", "Ukrposhta"),
    post("UG", "posta_uganda", "Posta Uganda"),
    post("US", "usps", "USPS"),
    post("UY", "correo_uruguayo", "Correo Uruguayo"),
    post("UZ", "uzbekistan_post", "Uzbekistan Post"),
    post("VA", "poste_vaticane", "Poste Vaticane"),
    post("VC", "svg_post", "SVG Post"),
    post("VE", "ipostel", "Ipostel"),
    post("VN", "vietnam_post", "Vietnam Post"),
    post("VU", "vanuatu_post", "Vanuatu Post"),
    post("WS", "samoa_post", "Samoa Post"),
    post("YE", "yemen_post", "Yemen Post"),
    post(
        "ZA",
        "south_african_post_office",
        "South African Post Office",
    ),
    post("ZM", "zampost", "Zampost"),
    post("ZW", "zimpost", "Zimpost"),
];

const fn post(country: &'static str, carrier: &'static str, name: &'static str) -> Post {
    Post {
        country,
        carrier,
        name,
    }
}

/// For each pair of letters the place of its post in [`POSTS`].
static BY_COUNTRY: [u8; 26 * 26] = {
    let mut places = [NONE; 26 * 26];
    let mut place = 0;
    while place < POSTS.len() {
        let code = POSTS[place].country.as_bytes();
        let slot = (code[0] - b'A') as usize * 26 + (code[1] - b'A') as usize;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "there are fewer than 255 posts"
        )]
        {
            places[slot] = place as u8;
        }
        place += 1;
    }
    places
};

/// The post of a country, by the two capital letters of its code.
pub(super) fn of_country(code: &[u8]) -> Option<&'static Post> {
    let [first, second] = code else { return None };
    if !first.is_ascii_uppercase() || !second.is_ascii_uppercase() {
        return None;
    }
    let slot = usize::from(first - b'A') * 26 + usize::from(second - b'A');
    let place = BY_COUNTRY[slot];
    (place != NONE).then(|| &POSTS[usize::from(place)])
}
