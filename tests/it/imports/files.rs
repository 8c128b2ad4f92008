//! A small bundle, changed one cell at a time.

use std::collections::BTreeMap;
use std::io::Write;

use tempfile::TempDir;

/// A bundle by file name, in a folder that is gone with it.
#[derive(Clone)]
pub struct Files(pub BTreeMap<&'static str, String>);

impl Files {
    /// A school with a homeroom, a course, a teacher, two pupils, their mother and a gradebook.
    pub fn small() -> Self {
        Self([
            ("orgs.csv", "sourcedId,name,type\no-1,Мектеп 7,school\n"),
            ("academicSessions.csv", "sourcedId,title,type,startDate,endDate,parentSourcedId,schoolYear\n\
                y,2026/27,schoolYear,2026-09-01,2027-05-25,,2027\nq-2,II тоқсан,gradingPeriod,2026-11-02,2026-12-27,y,2027\n"),
            ("courses.csv", "sourcedId,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes\n\
                c-alg,y,Алгебра,ALG,7,o-1,,\n"),
            ("classes.csv", "sourcedId,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds\n\
                k-7a,7 Ә,07,,,homeroom,,o-1,y\nk-alg,Алгебра 7 Ә,7,c-alg,,scheduled,,o-1,y\n\
                k-art,Art 7 Ә,7,,,scheduled,,o-1,y\n"),
            ("users.csv", "sourcedId,enabledUser,orgSourcedIds,role,username,givenName,familyName,agentSourcedIds\n\
                u-t,true,o-1,teacher,t,Ирина,Ким,\nu-a,true,o-1,student,a,Әлия,Омарова,u-m\n\
                u-b,true,o-1,student,b,Тимур,Омаров,\nu-m,true,o-1,parent,m,Сауле,Омарова,\"u-a,u-b\"\n"),
            ("demographics.csv", "sourcedId,birthDate,sex\nu-a,2013-05-04,female\n"),
            ("enrollments.csv", "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n\
                e-1,k-7a,o-1,u-a,student,,,\ne-2,k-alg,o-1,u-a,student,,2026-09-01,\ne-3,k-alg,o-1,u-b,student,,,\n\
                e-4,k-alg,o-1,u-t,teacher,true,,\ne-5,k-7a,o-1,u-t,teacher,true,,\ne-6,k-art,o-1,u-a,student,,,\n"),
            ("categories.csv", "sourcedId,title\ng-f,ФО\ng-s,СОР\n"),
            ("lineItems.csv", "sourcedId,title,description,assignDate,dueDate,classSourcedId,categorySourcedId,\
                gradingPeriodSourcedId,resultValueMin,resultValueMax\n\
                l-1,Бөлшектер,,2026-11-09,2026-11-10,k-alg,g-f,q-2,0,10\nl-2,БЖБ 1,,2026-11-16,2026-11-19,k-alg,g-s,q-2,0,20\n"),
            ("results.csv", "sourcedId,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment\n\
                r-1,l-1,u-a,fully graded,9.50,2026-11-10,Жарайсың\nr-2,l-1,u-b,exempt,,2026-11-10,\n\
                r-3,l-2,u-b,submitted,,2026-11-17,\n"),
        ].map(|(name, text)| (name, text.to_owned())).into())
    }

    pub fn edited(mut self, name: &'static str, from: &str, to: &str) -> Self {
        assert!(self.0[name].contains(from), "{name} does not hold {from}");
        self.0.insert(name, self.0[name].replace(from, to));
        self
    }

    pub fn with_rows(mut self, name: &'static str, rows: &str) -> Self {
        *self.0.get_mut(name).unwrap() += rows;
        self
    }

    /// The bundle as one file, as a browser sends it.
    pub fn zip(&self) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in &self.0 {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    pub fn folder(&self) -> TempDir {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in &self.0 {
            std::fs::write(home.path().join(name), text).unwrap();
        }
        home
    }
}
